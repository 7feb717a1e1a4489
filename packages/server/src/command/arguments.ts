import { parseArgs } from 'node:util'
import { nearestName } from '../config/suggest.ts'

/** The commands there are, each with what it does. */
export const COMMANDS = {
  start: 'Start the server, and the sandbox while some service has no key.',
  check: 'Say which service is real and which is the sandbox, whether its keys are there, and whether it answers.',
  status: 'Show the state of a running server.',
  reset: 'Close every circuit of a running server, or the one that is named: holdfast reset n8n',
  backup: 'Write all of the store to a file: holdfast backup FILE',
  restore: 'Read such a file into a store that is empty: holdfast restore FILE',
} as const

/** The name of a command. */
export type CommandName = keyof typeof COMMANDS

/** How many names may follow a command; none, where nothing is said. */
const NAMES: Readonly<Partial<Record<CommandName, readonly [least: number, most: number]>>> = {
  reset: [0, 1],
  backup: [1, 1],
  restore: [1, 1],
}

/** What was asked for on the command line. */
export type Invocation =
  | { readonly kind: 'run'; readonly command: CommandName; readonly names: readonly string[] }
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | { readonly kind: 'mistake'; readonly message: string }

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
  const [least, most] = NAMES[command as CommandName] ?? [0, 0]
  if (names.length < least) return { kind: 'mistake', message: `"${command}" needs the name of a file` }
  if (names.length > most) {
    return { kind: 'mistake', message: `Too many arguments for "${command}": ${names.join(' ')}` }
  }
  return { kind: 'run', command: command as CommandName, names }
}

function parse(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { help: { type: 'boolean', short: 'h' }, version: { type: 'boolean', short: 'v' } },
  })
}

/** What `holdfast --help` prints. */
export function helpText(): string {
  const commands = Object.entries(COMMANDS).map(([name, text]) => `  ${name.padEnd(8)} ${text}`)
  return `holdfast <command>

${commands.join('\n')}

  --help, -h     This text.
  --version, -v  The version.

Read from the directory it is run in: holdfast.config.ts (assistants and policies) and .env (keys and addresses;
the environment of the process wins). \`status\` and \`reset\` need HOLDFAST_ADMIN_TOKEN, and HOLDFAST_URL when the
server is elsewhere. \`backup\` and \`restore\` work on PostgreSQL with DATABASE_URL, else on .data/store, which no server
may have open then.
`
}
