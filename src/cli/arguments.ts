import { parseArgs } from 'node:util'
import { type OptionIssue, optionIssue, OptionsError } from '../options/error.js'
import {
  checkOption,
  COMMANDS,
  flagOf,
  OPTION_NAMES,
  OPTIONS,
  type OptionName,
  parseOption,
  type Settings,
  VARIABLE_PREFIX,
  variableOf,
} from '../options/options.js'
import { closestName, didYouMean } from '../diagnostics/spelling.js'
import { SHORT } from './help.js'

type Command = (typeof COMMANDS)[number]

/** The parsed arguments and environment variables of a command line. */
export interface Invocation {
  readonly command: Command
  readonly settings: Settings
  /** Messages about unknown environment variables whose names are similar to the names of known variables. */
  readonly warnings: readonly string[]
}

export type Environment = Readonly<Record<string, string | undefined>>

/** A value, and the flag or variable that it comes from. */
interface Given {
  readonly value: unknown
  readonly source: string
}

/**
 * Parses the arguments after the name of the program, and the environment variables.
 * @throws OptionsError with all issues.
 */
export function readArguments(args: readonly string[], environment: Environment): Invocation {
  const tokens = tokenize(args)
  const issues: OptionIssue[] = []
  const flags = readFlags(tokens, issues)
  // If a flag is invalid, issues of commands and paths are not reported, because the value of an unknown flag could
  // be mistaken for a command or a path.
  const { command, paths } = readWords(tokens, issues.length === 0 ? issues : [])

  const settings: Record<string, unknown> = {}
  for (const name of OPTION_NAMES) {
    const flag = flags.get(name)
    const isTaken = (OPTIONS[name].commands ?? ['start']).includes(command)
    if (flag && !isTaken)
      issues.push(optionIssue('unaccepted_option', flag.source, `${command} does not accept this option; remove it`))
    const given = flag ?? (isTaken ? readVariable(name, environment) : undefined)
    const issue = given && checkOption(name, given.value, given.source)
    if (issue) issues.push(issue)
    if (given || !OPTIONS[name].inFixtures) settings[name] = given ? given.value : OPTIONS[name].default
  }
  if (issues.length > 0) throw new OptionsError(issues)
  if (paths.length > 0) settings.fixtures = [...paths, ...valuesOf(flags.get('fixtures'))]
  return { command, settings: settings as unknown as Settings, warnings: misspelledVariables(environment) }
}

const isSwitch = (name: OptionName) => OPTIONS[name].schema.type === 'boolean'

function tokenize(args: readonly string[]) {
  const options = OPTION_NAMES.map((name) => {
    const type = isSwitch(name) ? ('boolean' as const) : ('string' as const)
    return [flagOf(name).slice(2), { type, ...(SHORT[name] && { short: SHORT[name] }) }] as const
  })
  const config = { options: Object.fromEntries(options), strict: false, allowPositionals: true, tokens: true } as const
  return parseArgs({ args: [...args], ...config }).tokens
}

type Tokens = ReturnType<typeof tokenize>

function readWords(tokens: Tokens, issues: OptionIssue[]): { command: Command; paths: readonly string[] } {
  const [first = 'start', ...paths] = tokens.flatMap((token) => (token.kind === 'positional' ? [token.value] : []))
  const command = COMMANDS.find((name) => name === first)
  const hint = didYouMean(first, COMMANDS) || `; expected one of ${COMMANDS.join(', ')}`
  if (!command) issues.push(optionIssue('unknown_command', first, `unknown command${hint}`))
  else if (command !== 'validate' && paths.length > 0)
    issues.push(
      optionIssue('unexpected_argument', paths.join(' '), `${command} takes no paths; pass fixtures with --fixtures`),
    )
  return { command: command ?? 'start', paths }
}

function readFlags(tokens: Tokens, issues: OptionIssue[]): Map<OptionName, Given> {
  const flags = new Map<OptionName, Given>()
  for (const token of tokens) {
    if (token.kind !== 'option') continue
    const source = token.rawName
    const negated = source.startsWith('--no-')
    const flag = `--${negated ? token.name.slice('no-'.length) : token.name}`
    const name = OPTION_NAMES.find((option) => flagOf(option) === flag)
    if (!name || (negated && !isSwitch(name))) {
      const hint = didYouMean(flag, OPTION_NAMES.map(flagOf))
      issues.push(optionIssue('unknown_option', source, `unknown option${hint}`))
    } else if (isSwitch(name)) flags.set(name, { value: parseOption(name, token.value ?? String(!negated)), source })
    else if (token.value === undefined || (!token.inlineValue && token.value.startsWith('--')))
      issues.push(optionIssue('missing_value', source, `missing value, expected ${OPTIONS[name].expects}`))
    else if (OPTIONS[name].separator) flags.set(name, { value: [...valuesOf(flags.get(name)), token.value], source })
    else flags.set(name, { value: parseOption(name, token.value), source })
  }
  return flags
}

/** Returns the values that were given for a repeatable option so far. */
const valuesOf = (given: Given | undefined) => (Array.isArray(given?.value) ? (given.value as string[]) : [])

/**
 * Returns the value of the environment variable of an option. An empty variable is ignored, because compose files
 * pass empty variables. A value that starts with `tcp://` is ignored, too: Kubernetes sets
 * `IONWORKS_MOCK_PORT=tcp://…` in every container if a service has the name ionworks-mock.
 */
function readVariable(name: OptionName, environment: Environment): Given | undefined {
  const source = variableOf(name)
  const text = source && environment[source]
  if (!text || text.startsWith('tcp://')) return undefined
  const { separator } = OPTIONS[name]
  return { value: separator ? text.split(separator).filter(Boolean) : parseOption(name, text), source }
}

/**
 * Returns a warning for each unknown variable whose name is similar to the name of a known variable. Ignores other
 * unknown variables, because Kubernetes sets variables with the same prefix.
 */
function misspelledVariables(environment: Environment): string[] {
  const known = OPTION_NAMES.flatMap((name) => variableOf(name)?.slice(VARIABLE_PREFIX.length) ?? [])
  return Object.keys(environment).flatMap((variable) => {
    const rest = variable.startsWith(VARIABLE_PREFIX) ? variable.slice(VARIABLE_PREFIX.length) : undefined
    if (rest === undefined || known.includes(rest)) return []
    const meant = closestName(rest, known)
    return meant ? [`unknown environment variable ${variable}; did you mean "${VARIABLE_PREFIX}${meant}"?`] : []
  })
}
