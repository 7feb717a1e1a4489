import { parseArgs } from 'node:util'
import { nearestName } from '../config/suggest.ts'
import { ACCOUNT, ACCOUNT_ALLOWED } from '../environment/storage.ts'
import { TOOL_SETS } from '../mcp/names.ts'

/** The commands there are, each with what it does. */
export const COMMANDS: Readonly<
  Record<'start' | 'work' | 'check' | 'status' | 'reset' | 'keys' | 'mcp' | 'backup' | 'restore', string>
> = {
  start: 'Start the server, and the sandbox while some service has no key.',
  work: 'Work on the requests of the desks beside a server, on the same DATABASE_URL; serves nothing itself.',
  check:
    'Say which service is real and which is the sandbox, whether its keys are there, and whether it answers; ask each model for a token.',
  status: 'Show the state of a running server.',
  reset: 'Close every circuit of a running server, or the one that is named: holdfast reset n8n',
  keys: 'Make, show or end API keys of the store by a running server: holdfast keys create LABEL, keys list, keys revoke ID',
  mcp: `Serve the tools of a connector (${TOOL_SETS.join(', ')}) to an MCP host: holdfast mcp avinode`,
  backup: 'Write all of the store to a file: holdfast backup FILE',
  restore: 'Read such a file into a store that is empty: holdfast restore FILE',
}

/** The name of a command. */
export type CommandName = keyof typeof COMMANDS

/** How many names may follow a command; none, where nothing is said. */
const MOST_NAMES: Readonly<Partial<Record<CommandName, number>>> = {
  reset: 1,
  keys: 2,
  mcp: 1,
  backup: 1,
  restore: 1,
}

/** What was asked for on the command line. */
export type Invocation =
  | {
      readonly kind: 'run'
      readonly command: CommandName
      readonly names: readonly string[]
      /** Of `mcp`, when it is to serve over HTTP. */
      readonly port?: number
      /** Of `mcp`: what tells its account from others of the service in one store. */
      readonly account?: string
      /** Of `keys`. */
      readonly keys?: KeysOptions
    }
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | { readonly kind: 'mistake'; readonly message: string }

/** Whose key, and of what kind. */
export interface KeysOptions {
  readonly tenant?: string | undefined
  readonly role?: readonly string[] | undefined
  readonly expires?: string | undefined
}

/** What `keys` can do, each with what has to follow. */
const KEYS_ACTIONS: Readonly<Record<string, string>> = { create: 'LABEL', list: '', revoke: 'ID' }

/** Reads the arguments after the name of the program. */
export function readArguments(args: readonly string[]): Invocation {
  let parsed: ReturnType<typeof parse>
  try {
    parsed = parse(args)
  } catch (error) {
    return { kind: 'mistake', message: error instanceof Error ? error.message : String(error) }
  }
  const { values, positionals } = parsed
  if (values.help === true) return { kind: 'help' }
  if (values.version === true) return { kind: 'version' }
  const [command, ...names] = positionals
  if (command === undefined) return { kind: 'help' }
  if (!Object.hasOwn(COMMANDS, command)) {
    const near = nearestName(command, Object.keys(COMMANDS))
    const hint = near === undefined ? '' : ` Did you mean "${near}"?`
    return { kind: 'mistake', message: `There is no command "${command}".${hint}` }
  }
  if (names.length > (MOST_NAMES[command as CommandName] ?? 0)) {
    return { kind: 'mistake', message: `Too many arguments for "${command}": ${names.join(' ')}` }
  }
  if ((command === 'backup' || command === 'restore') && names[0] === undefined) {
    return { kind: 'mistake', message: `"${command}" needs the name of a file: holdfast ${command} FILE` }
  }
  const wrong =
    (command === 'mcp' ? wrongForMcp(names[0], values) : onlyForMcp(values)) ??
    (command === 'keys' ? wrongForKeys(names, values) : onlyForKeys(values))
  if (wrong !== undefined) return { kind: 'mistake', message: wrong }
  const port = values.port === undefined ? {} : { port: Number(values.port) }
  const account = values.account === undefined ? {} : { account: values.account }
  const { tenant, role, expires } = values
  const keys = command === 'keys' ? { keys: { tenant, role, expires } } : {}
  return { kind: 'run', command: command as CommandName, names, ...port, ...account, ...keys }
}

function onlyForKeys({ tenant, role, expires }: KeysOptions): string | undefined {
  const given = Object.entries({ tenant, role, expires }).find(([, value]) => value !== undefined)
  return given === undefined ? undefined : `Only "keys" takes --${given[0]}.`
}

function wrongForKeys([action = '', name]: readonly string[], { role, expires }: KeysOptions): string | undefined {
  const needs = Object.hasOwn(KEYS_ACTIONS, action) ? KEYS_ACTIONS[action] : undefined
  if (needs === undefined) {
    const near = nearestName(action, Object.keys(KEYS_ACTIONS))
    return `"keys" needs what to do: create LABEL, list, or revoke ID.${near === undefined ? '' : ` Did you mean "${near}"?`}`
  }
  if (needs !== '' && name === undefined)
    return `"keys ${action}" needs one thing more: holdfast keys ${action} ${needs}`
  if (needs === '' && name !== undefined) return `Too many arguments for "keys ${action}": ${name}`
  if (action !== 'create' && (role ?? expires) !== undefined) return 'Only "keys create" takes --role and --expires.'
  if (expires !== undefined && Number.isNaN(Date.parse(expires)))
    return `--expires must be a day or a time, such as 2027-01-31, but is ${JSON.stringify(expires)}.`
  return undefined
}

/** The options of `mcp`, as they were given. */
interface McpValues {
  readonly port?: string | undefined
  readonly account?: string | undefined
}

function onlyForMcp({ port, account }: McpValues): string | undefined {
  if (port !== undefined) return 'Only "mcp" takes --port; PORT is the port of the server.'
  return account === undefined ? undefined : 'Only "mcp" takes --account; the others read HOLDFAST_ACCOUNT.'
}

function wrongForMcp(name: string | undefined, { port, account }: McpValues): string | undefined {
  const known: readonly string[] = TOOL_SETS
  if (name === undefined || !known.includes(name)) {
    const near = nearestName(name ?? '', known)
    const hint = near === undefined ? '' : ` Did you mean "${near}"?`
    return `"mcp" needs the name of a connector: ${known.join(', ')}.${hint}`
  }
  const isPort = port === undefined || (/^\d{1,5}$/.test(port) && Number(port) <= 65_535)
  if (account !== undefined && !ACCOUNT.test(account))
    return `--account must be ${ACCOUNT_ALLOWED}, but is ${JSON.stringify(account)}.`
  return isPort ? undefined : `--port must be a whole number from 0 to 65,535, but is ${JSON.stringify(port)}.`
}

function parse(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      help: { type: 'boolean', short: 'h' },
      version: { type: 'boolean', short: 'v' },
      port: { type: 'string' },
      account: { type: 'string' },
      tenant: { type: 'string' },
      role: { type: 'string', multiple: true },
      expires: { type: 'string' },
    },
  })
}

/** What `holdfast --help` prints. */
export function helpText(): string {
  const commands = Object.entries(COMMANDS).map(([name, text]) => `  ${name.padEnd(8)} ${text}`)
  return `holdfast <command>

${commands.join('\n')}

  --port         For \`mcp\`: serve over HTTP on this port of this machine, in place of standard input and output.
  --account      For \`mcp\`: tells its account apart from others of the same service in one store. Default: HOLDFAST_ACCOUNT.
  --tenant       For \`keys\`: whose they are. Default: default.
  --role         For \`keys create\`: what its holder is, such as staff or admin; may be given several times.
  --expires      For \`keys create\`: a day or a time, such as 2027-01-31. Default: never.
  --help, -h     This text.
  --version, -v  The version.

Read from the directory it is run in: holdfast.config.ts (assistants and policies) and .env (keys and addresses;
the environment of the process wins). \`status\`, \`reset\` and \`keys\` need HOLDFAST_ADMIN_TOKEN, and HOLDFAST_URL when
the server is elsewhere. \`backup\` and \`restore\` work on PostgreSQL with DATABASE_URL, and else on .data/store, which no
other process may have open then.
`
}
