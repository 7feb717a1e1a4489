import { expect, it } from 'vitest'
import { fakeLog } from '../../test/fakes.ts'
import { readEnvironment } from '../environment/environment.ts'
import { EnvironmentError } from '../environment/variables.ts'
import { startServer } from './start-server.ts'

it('refuses an admin token that may be guessed, before anything is made, and does not show it', async () => {
  const environment = readEnvironment({ PORT: '0' })
  const config = { contact: { name: 'us', phone: '1' }, integrations: {}, assistants: [] }
  const error = await startServer({ config, environment, adminToken: 'fifteen-letters', log: fakeLog() }).catch(
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(EnvironmentError)
  expect((error as EnvironmentError).message).toContain('adminToken: allowed is a token of 16 characters or more')
  expect((error as EnvironmentError).message).not.toContain('fifteen')
})
