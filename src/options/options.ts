import { delimiter } from 'node:path'
import { inspect } from 'node:util'
import { Kind, type Static, type TSchema, Type, TypeRegistry } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { StringEnum } from '../contract/schema.js'
import { parseDuration } from '../time/duration.js'
import { type Instant, parseInstant } from '../time/instant.js'
import { didYouMean } from '../diagnostics/spelling.js'
import { SHIPPED_FIXTURES } from './shipped.js'
import { MAX_SANDBOXES } from '../state/sandboxes.js'

/** No stop takes longer than a day, and no element by default. */
const LONGEST_MS = 24 * 60 * 60 * 1000

TypeRegistry.Set('ionworks-mock:Duration', (_, value) => {
  const duration = typeof value === 'string' ? parseDuration(value) : undefined
  return duration !== undefined && duration >= 0 && duration <= LONGEST_MS
})
const Duration = Type.Unsafe<string>({ [Kind]: 'ionworks-mock:Duration', type: 'string' })

const CLOCK = /^(real|frozen)(?:@(.*))?$/s

/** What `--clock` asks for; undefined if it is nothing that there is. */
export function readClock(text: string): { frozen: boolean; at?: Instant } | undefined {
  const [, mode, at] = CLOCK.exec(text) ?? []
  if (!mode || at === undefined) return mode ? { frozen: mode === 'frozen' } : undefined
  const instant = mode === 'frozen' ? parseInstant(at) : undefined
  return instant === undefined ? undefined : { frozen: true, at: instant }
}

TypeRegistry.Set('ionworks-mock:ClockSetting', (_, value) => typeof value === 'string' && Boolean(readClock(value)))
const ClockSetting = Type.Unsafe<string>({ [Kind]: 'ionworks-mock:ClockSetting', type: 'string' })

const AFTER = 'after='

/** How long elements run, in milliseconds, by what `--progress` says; undefined: until something is done to them. */
export const readProgress = (text: string) =>
  text.startsWith(AFTER) ? parseDuration(text.slice(AFTER.length)) : undefined

TypeRegistry.Set('ionworks-mock:Progress', (_, value) => {
  if (typeof value !== 'string') return false
  const takes = readProgress(value)
  return value === 'manual' || (takes !== undefined && takes >= 0 && takes <= LONGEST_MS)
})
const Progress = Type.Unsafe<string>({ [Kind]: 'ionworks-mock:Progress', type: 'string' })

interface Option<S extends TSchema = TSchema> {
  readonly schema: S
  /** What the option does, for the help and the README. */
  readonly help: string
  /** What a right value looks like, for the help and for faults. */
  readonly expects: string
  /** Of the command. */
  readonly default: Static<S>
  /** Of the library, where it is another. */
  readonly libraryDefault?: Static<S>
  /** Which commands take it. Left out: `start` alone. */
  readonly commands?: readonly string[]
  /** Between the values in a variable, where an option is a list. */
  readonly separator?: string
  /** Means something to the command alone, not to the library. */
  readonly commandOnly?: true
}

const option = <S extends TSchema>(declared: Option<S>) => declared

/** Every option, once. Flags and variables are named after the keys; flags beat variables beat defaults. */
export const OPTIONS = {
  port: option({
    schema: Type.Integer({ minimum: 0, maximum: 65535 }),
    help: 'Port to listen on; 0 for any free one',
    expects: 'a whole number from 0 to 65535',
    default: 4669,
    libraryDefault: 0,
  }),
  host: option({
    schema: Type.String({ minLength: 1 }),
    help: 'Address to listen on; 0.0.0.0 for all interfaces',
    expects: 'a host name or an IP address',
    default: '127.0.0.1',
  }),
  fixtures: option({
    schema: Type.Array(Type.String({ minLength: 1 })),
    help: `File or folder to seed from, repeatable; several in the variable are separated by ${delimiter}`,
    expects: 'the path of a file or folder',
    default: [SHIPPED_FIXTURES],
    commands: ['start', 'validate'],
    separator: delimiter,
  }),
  strict: option({
    schema: Type.Boolean(),
    help: 'Answer pipelines with the published keys alone, without is_terminal and is_failed',
    expects: 'true or false',
    default: false,
  }),
  unknownPipeline: option({
    schema: Type.Union([Type.Literal(422), Type.Literal(404)]),
    help: 'How unknown ids are answered: 422 as the contract declares, 404 as the live service does',
    expects: '422 or 404',
    default: 422,
  }),
  requireKey: option({
    schema: Type.Boolean(),
    help: 'Answer 401 to calls without an API key; any key will do',
    expects: 'true or false',
    default: false,
  }),
  clock: option({
    schema: ClockSetting,
    help: 'What the time is: real, frozen at the start, or frozen at an instant',
    expects: 'real, frozen, or frozen@ with an instant such as frozen@2026-10-01T12:00:00Z',
    default: 'real',
  }),
  progress: option({
    schema: Progress,
    help: 'What running pipelines do: nothing by themselves, or each element runs for a time and ends',
    expects: 'manual, or after= with a duration of at most a day, such as after=30s',
    default: 'manual',
  }),
  maxSandboxes: option({
    schema: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
    help: 'How many named sandboxes there are at most; the longest idle is dropped for a new one',
    expects: 'a whole number from 1 to 1000000',
    default: MAX_SANDBOXES,
  }),
  control: option({
    schema: Type.Boolean(),
    help: 'Serve what tests control the mock by, under /_mock; health is always served',
    expects: 'true or false',
    default: true,
  }),
  controlToken: option({
    schema: Type.String({ pattern: '^[!-~]*$' }),
    help: 'What every call of control must send as X-Mock-Token; empty for nothing',
    expects: 'a text of visible ASCII characters, without spaces',
    default: '',
  }),
  allowedHost: option({
    schema: Type.Array(Type.String({ pattern: '^[^\\s/:]+$' })),
    help: 'Name under which control may be reached besides the usual ones, repeatable; several in the variable are separated by ,',
    expects: 'a host name without a port',
    default: [],
    separator: ',',
  }),
  grace: option({
    schema: Duration,
    help: 'How long a stop waits for answers in flight before it cuts them',
    expects: 'a duration of at most a day, such as 5s, 250ms or PT5S',
    default: '5s',
  }),
  logLevel: option({
    schema: StringEnum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']),
    help: 'What is logged to standard error; every request is at info',
    expects: 'one of trace, debug, info, warn, error, fatal, silent',
    default: 'info',
    libraryDefault: 'silent',
  }),
  json: option({
    schema: Type.Boolean(),
    help: 'Print one line of JSON when ready, and nothing else, to standard output',
    expects: 'true or false',
    default: false,
    commandOnly: true,
  }),
  version: option({
    schema: Type.Boolean(),
    help: 'Print the version and stop',
    expects: 'true or false',
    default: false,
    commands: ['start', 'validate'],
    commandOnly: true,
  }),
  help: option({
    schema: Type.Boolean(),
    help: 'Print this help and stop',
    expects: 'true or false',
    default: false,
    commands: ['start', 'validate'],
    commandOnly: true,
  }),
}

export type OptionName = keyof typeof OPTIONS
export const OPTION_NAMES = Object.keys(OPTIONS) as OptionName[]

/** What an option's name may be in the library. */
export type LibraryOptionName = Exclude<OptionName, 'json' | 'version' | 'help'>

export type Settings = { -readonly [K in OptionName]: Static<(typeof OPTIONS)[K]['schema']> }

const WORDS = /(?=[A-Z])/

export const flagOf = (name: string) => `--${name.split(WORDS).join('-').toLowerCase()}`
export const VARIABLE_PREFIX = 'IONWORKS_MOCK_'
export const variableOf = (name: string) => `${VARIABLE_PREFIX}${name.split(WORDS).join('_').toUpperCase()}`

/** A value as a message shows it, whatever it is. */
export const show = (value: unknown) =>
  typeof value === 'string'
    ? JSON.stringify(value)
    : inspect(value, { depth: 1, breakLength: Number.POSITIVE_INFINITY })

/** What is wrong with a value, said of the flag, variable or key that it came by; undefined if it is right. */
export function faultOf(name: OptionName, value: unknown, cameBy: string): string | undefined {
  const { schema, expects } = OPTIONS[name]
  if (Value.Check(schema, value)) return undefined
  const hint = typeof value === 'string' ? didYouMean(value, schema.enum ?? []) : ''
  return `${cameBy}: found ${show(value)}, expected ${expects}${hint}`
}

const SWITCH: Record<string, boolean> = { true: true, '1': true, false: false, '0': false }

/** The value that a text from a flag or a variable stands for; one that stands for none is left to fail its check. */
export function readText(name: OptionName, text: string): unknown {
  const { schema } = OPTIONS[name]
  if (schema.type === 'boolean') return Object.hasOwn(SWITCH, text) ? SWITCH[text] : text
  const isNumber = schema.type === 'integer' || 'anyOf' in schema
  return isNumber && /^\d+$/.test(text) ? Number(text) : text
}

/** Options that cannot be right: every fault, and nothing was started. */
export class OptionsError extends Error {
  override readonly name = 'OptionsError'

  constructor(readonly faults: readonly string[]) {
    super(faults.join('\n'))
  }
}
