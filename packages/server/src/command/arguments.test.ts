import { describe, expect, it } from 'vitest'
import { COMMANDS, helpText, readArguments } from './arguments.ts'

describe('the command line', () => {
  it('takes a command', () => {
    expect(readArguments(['start'])).toEqual({ kind: 'run', command: 'start', names: [] })
    expect(readArguments(['reset', 'n8n'])).toEqual({ kind: 'run', command: 'reset', names: ['n8n'] })
  })

  it.each([[[]], [['--help']], [['start', '-h']]])('gives help for %j', (args) => {
    expect(readArguments(args)).toEqual({ kind: 'help' })
  })

  it.each<[string[], string]>([
    [['strat'], 'There is no command "strat". Did you mean "start"?'],
    [['start', 'now'], 'Too many arguments for "start": now'],
    [['reset', 'a', 'b'], 'Too many arguments for "reset": a b'],
    [['backup'], '"backup" needs the name of a file'],
    [['restore', 'a', 'b'], 'Too many arguments for "restore": a b'],
    [['--prot', '5'], "Unknown option '--prot'"],
    [['toString'], 'There is no command "toString".'],
  ])('refuses %j and says why', (args, message) => {
    expect(readArguments(args)).toEqual({ kind: 'mistake', message: expect.stringContaining(message) })
  })

  it('lists every command in its help', () => {
    for (const [name, text] of Object.entries(COMMANDS)) expect(helpText()).toContain(`${name.padEnd(8)} ${text}`)
  })
})
