import { describe, expect, it } from 'vitest'
import { COMMANDS, helpText, readArguments } from './arguments.ts'

describe('the command line', () => {
  it('takes a command', () => {
    expect(readArguments(['start'])).toEqual({ kind: 'run', command: 'start', names: [] })
    expect(readArguments(['reset', 'n8n'])).toEqual({ kind: 'run', command: 'reset', names: ['n8n'] })
  })

  it('takes the connector whose tools are served, and a port', () => {
    expect(readArguments(['mcp', 'avinode'])).toEqual({ kind: 'run', command: 'mcp', names: ['avinode'] })
    expect(readArguments(['mcp', 'apollo', '--port', '0'])).toMatchObject({ names: ['apollo'], port: 0 })
  })

  it('takes what to do with keys', () => {
    const all = [
      'keys',
      'create',
      'ada',
      '--tenant',
      'acme',
      '--role',
      'staff',
      '--role',
      'admin',
      '--expires',
      '2099-01-31',
    ]
    expect(readArguments(all)).toEqual({
      kind: 'run',
      command: 'keys',
      names: ['create', 'ada'],
      keys: { tenant: 'acme', role: ['staff', 'admin'], expires: '2099-01-31' },
    })
    expect(readArguments(['keys', 'list'])).toMatchObject({ names: ['list'], keys: {} })
  })

  it.each([[[]], [['--help']], [['start', '-h']]])('gives help for %j', (args) => {
    expect(readArguments(args)).toEqual({ kind: 'help' })
  })

  it.each<[string[], string]>([
    [['strat'], 'There is no command "strat". Did you mean "start"?'],
    [['start', 'now'], 'Too many arguments for "start": now'],
    [['reset', 'a', 'b'], 'Too many arguments for "reset": a b'],
    [['--prot', '5'], "Unknown option '--prot'"],
    [
      ['mcp'],
      '"mcp" needs the name of a connector: avinode, apollo, teams, email, google-sheets, google-calendar, cal-com, hubspot.',
    ],
    [['mcp', 'appolo'], 'Did you mean "apollo"?'],
    [['mcp', 'avinode', 'apollo'], 'Too many arguments for "mcp"'],
    [['mcp', 'avinode', '--port', '70000'], '--port must be a whole number from 0 to 65,535, but is "70000".'],
    [['start', '--port', '5'], 'Only "mcp" takes --port; PORT is the port of the server.'],
    [['backup'], '"backup" needs the name of a file: holdfast backup FILE'],
    [['restore', 'a', 'b'], 'Too many arguments for "restore": a b'],
    [['keys'], '"keys" needs what to do: create LABEL, list, or revoke ID.'],
    [['keys', 'creat', 'x'], 'Did you mean "create"?'],
    [['keys', 'create'], 'holdfast keys create LABEL'],
    [['keys', 'revoke'], 'holdfast keys revoke ID'],
    [['keys', 'list', 'all'], 'Too many arguments for "keys list": all'],
    [['keys', 'list', '--role', 'staff'], 'Only "keys create" takes --role and --expires.'],
    [
      ['keys', 'create', 'x', '--expires', 'soon'],
      '--expires must be a day or a time, such as 2027-01-31, but is "soon".',
    ],
    [['start', '--tenant', 'acme'], 'Only "keys" takes --tenant.'],
    [['toString'], 'There is no command "toString".'],
  ])('refuses %j and says why', (args, message) => {
    expect(readArguments(args)).toEqual({ kind: 'mistake', message: expect.stringContaining(message) })
  })

  it('lists every command in its help', () => {
    for (const [name, text] of Object.entries(COMMANDS)) expect(helpText()).toContain(`${name.padEnd(8)} ${text}`)
  })
})
