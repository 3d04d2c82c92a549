import { parseArgs } from 'node:util'
import {
  faultOf,
  flagOf,
  OPTION_NAMES,
  OPTIONS,
  type OptionName,
  OptionsError,
  readText,
  type Settings,
  VARIABLE_PREFIX,
  variableOf,
} from '../options/options.js'
import { didYouMean, misspelt } from '../diagnostics/spelling.js'

const COMMANDS = ['start', 'validate'] as const
type Command = (typeof COMMANDS)[number]

/** What a command line and its environment ask for. */
export interface Invocation {
  readonly command: Command
  readonly settings: Settings
  /** What is not wrong, but will hardly do what was meant. */
  readonly warnings: readonly string[]
}

export type Environment = Readonly<Record<string, string | undefined>>

/** A value, and the flag or variable that it came by. */
interface Given {
  readonly value: unknown
  readonly cameBy: string
}

/**
 * Reads the arguments after the program's name, and the variables.
 * @throws OptionsError with everything that is wrong with them.
 */
export function readArguments(args: readonly string[], environment: Environment): Invocation {
  const tokens = tokenize(args)
  const faults: string[] = []
  const flags = readFlags(tokens, faults)
  // After a flag that nobody knows, its value looks like a command: one fault is enough.
  const { command, paths } = readWords(tokens, faults.length === 0 ? faults : [])

  const settings: Record<string, unknown> = {}
  for (const name of OPTION_NAMES) {
    const flag = flags.get(name)
    if (flag && !takes(command, name)) faults.push(`${flag.cameBy}: ${command} does not take this option`)
    const given = flag ?? (takes(command, name) ? readVariable(name, environment) : undefined)
    const fault = given && faultOf(name, given.value, given.cameBy)
    if (fault) faults.push(fault)
    settings[name] = given ? given.value : OPTIONS[name].default
  }
  if (faults.length > 0) throw new OptionsError(faults)
  if (paths.length > 0)
    settings.fixtures = [...paths, ...((flags.get('fixtures')?.value as string[] | undefined) ?? [])]
  return { command, settings: settings as Settings, warnings: misspeltVariables(environment) }
}

const isSwitch = (name: OptionName) => OPTIONS[name].schema.type === 'boolean'

const takes = (command: Command, name: OptionName) => (OPTIONS[name].commands ?? ['start']).includes(command)

function tokenize(args: readonly string[]) {
  const options = OPTION_NAMES.map((name) => [
    flagOf(name).slice(2),
    { type: isSwitch(name) ? 'boolean' : 'string', ...(name === 'help' && { short: 'h' }) } as const,
  ])
  const config = { options: Object.fromEntries(options), strict: false, allowPositionals: true, tokens: true } as const
  return parseArgs({ args: [...args], ...config }).tokens
}

type Tokens = ReturnType<typeof tokenize>

function readWords(tokens: Tokens, faults: string[]): { command: Command; paths: readonly string[] } {
  const [first = 'start', ...paths] = tokens.flatMap((token) => (token.kind === 'positional' ? [token.value] : []))
  const command = COMMANDS.find((name) => name === first)
  if (!command)
    faults.push(
      `${first}: there is no such command${didYouMean(first, COMMANDS) || `; there are ${COMMANDS.join(', ')}`}`,
    )
  else if (command === 'start' && paths.length > 0)
    faults.push(`${paths.join(' ')}: start takes no paths; name fixtures with --fixtures`)
  return { command: command ?? 'start', paths }
}

function readFlags(tokens: Tokens, faults: string[]): Map<OptionName, Given> {
  const flags = new Map<OptionName, Given>()
  for (const token of tokens) {
    if (token.kind !== 'option') continue
    const negated = token.rawName.startsWith('--no-')
    const written = negated ? `--${token.name.slice('no-'.length)}` : token.rawName
    const name = OPTION_NAMES.find((option) => flagOf(option) === `--${negated ? written.slice(2) : token.name}`)
    const cameBy = token.rawName
    if (!name || (negated && !isSwitch(name)))
      faults.push(`${cameBy}: there is no such option${didYouMean(written, OPTION_NAMES.map(flagOf))}`)
    else if (isSwitch(name)) flags.set(name, { value: readText(name, token.value ?? String(!negated)), cameBy })
    else if (token.value === undefined || (!token.inlineValue && token.value.startsWith('--')))
      faults.push(`${cameBy}: the value is missing, expected ${OPTIONS[name].expects}`)
    else flags.set(name, { value: read(name, token.value, flags.get(name)), cameBy })
  }
  return flags
}

/** Of a repeated flag the last counts, but lists add up. */
const read = (name: OptionName, text: string, before: Given | undefined) =>
  OPTIONS[name].separator ? [...((before?.value as string[] | undefined) ?? []), text] : readText(name, text)

/** A variable that is empty was not set: compose files pass such. */
function readVariable(name: OptionName, environment: Environment): Given | undefined {
  const cameBy = variableOf(name)
  const text = environment[cameBy]
  if (!text || isFromKubernetes(text)) return undefined
  const { separator } = OPTIONS[name]
  return { value: separator ? text.split(separator).filter(Boolean) : readText(name, text), cameBy }
}

/** A service that is called ionworks-mock makes Kubernetes set `IONWORKS_MOCK_PORT=tcp://…` in every container. */
const isFromKubernetes = (text: string) => text.startsWith('tcp://')

/** Only what is almost ours: Kubernetes makes more with our prefix, too. */
function misspeltVariables(environment: Environment): string[] {
  const known = OPTION_NAMES.map((name) => variableOf(name).slice(VARIABLE_PREFIX.length))
  return Object.keys(environment).flatMap((variable) => {
    const rest = variable.startsWith(VARIABLE_PREFIX) ? variable.slice(VARIABLE_PREFIX.length) : undefined
    if (rest === undefined || known.includes(rest)) return []
    const meant = misspelt(rest, known)
    return meant ? [`${variable}: there is no such variable; did you mean "${VARIABLE_PREFIX}${meant}"?`] : []
  })
}
