import { delimiter } from 'node:path'
import { inspect } from 'node:util'
import { type Static, type TBoolean, type TSchema, Type } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import type { ErrorCode } from '../contract/codes.js'
import { type Keywords, StringEnum } from '../contract/schema.js'
import { didYouMean } from '../diagnostics/spelling.js'
import { SHIPPED_FIXTURES } from './shipped.js'
import { ClockSetting, DurationSetting, ProgressSetting } from './values.js'
import { MAX_SANDBOXES } from '../state/sandboxes.js'

interface Option<S extends TSchema = TSchema> {
  readonly schema: S
  /** What the option does, for the help and the README. */
  readonly help: string
  /** Describes valid values, in the help and in messages. */
  readonly expects: string
  /** Default of the command. */
  readonly default: Static<S>
  /** Default of the library, if it differs. */
  readonly libraryDefault?: Static<S>
  /** The commands that take it. Default: `start` only. */
  readonly commands?: readonly string[]
  /** Separates the values of an array in a variable. */
  readonly separator?: string
  /** Whether only the command has it, not the library. */
  readonly commandOnly?: true
}

const option = <S extends TSchema>(declared: Option<S>) => declared

/** An option that is on or off, by default off. */
const switchOption = (help: string, other: Partial<Option<TBoolean>> = {}) =>
  option({ schema: Type.Boolean(), help, expects: 'true or false', default: false, ...other })

/** Every option, once. Flags and variables are named after the keys; flags beat variables beat defaults. */
export const OPTIONS = {
  port: option({
    schema: Type.Integer({ minimum: 0, maximum: 65535 }),
    help: 'Port to listen on; 0 for any free one',
    expects: 'an integer from 0 to 65535',
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
  strict: switchOption('Send pipelines with the published keys only, without is_terminal and is_failed'),
  unknownPipeline: option({
    schema: Type.Union([Type.Literal(422), Type.Literal(404)]),
    help: 'Status for unknown ids: 422 as the contract declares, 404 as the live service sends',
    expects: '422 or 404',
    default: 422,
  }),
  requireKey: switchOption('Respond 401 to calls without an API key; any key will do'),
  clock: option({
    schema: ClockSetting,
    help: 'The clock: real, frozen at the start, or frozen at an instant',
    expects: 'real, frozen, or frozen@ with an instant such as frozen@2026-10-01T12:00:00Z',
    default: 'real',
  }),
  progress: option({
    schema: ProgressSetting,
    help: 'How pipelines progress: not by themselves, or each element runs for a time and ends',
    expects: 'manual, or after= with a duration of at most a day, such as after=30s',
    default: 'manual',
  }),
  maxSandboxes: option({
    schema: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
    help: 'Limit of named sandboxes; above it, the longest idle one is evicted',
    expects: 'an integer from 1 to 1000000',
    default: MAX_SANDBOXES,
  }),
  control: switchOption('Serve the control API under /_mock; health is always served', { default: true }),
  controlToken: option({
    schema: Type.String({ pattern: '^[!-~]*$' }),
    help: 'Token that every call of the control API must send as X-Mock-Token; empty for none',
    expects: 'a string of visible ASCII characters, without spaces',
    default: '',
  }),
  allowedHost: option({
    schema: Type.Array(Type.String({ pattern: '^[^\\s/:]+$' })),
    help: 'Host name under which the control API may be reached besides the usual ones, repeatable; several in the variable are separated by ,',
    expects: 'a host name without a port',
    default: [],
    separator: ',',
  }),
  grace: option({
    schema: DurationSetting,
    help: 'How long a stop waits for responses in flight before it cuts them off',
    expects: 'a duration of at most a day, such as 5s, 250ms or PT5S',
    default: '5s',
  }),
  logLevel: option({
    schema: StringEnum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']),
    help: 'Lowest level that is logged to standard error; requests are logged at info',
    expects: 'one of trace, debug, info, warn, error, fatal, silent',
    default: 'info',
    libraryDefault: 'silent',
  }),
  json: switchOption('Print one line of JSON when ready, and nothing else, to standard output', { commandOnly: true }),
  version: switchOption('Print the version and stop', { commands: ['start', 'validate'], commandOnly: true }),
  help: switchOption('Print this help and stop', { commands: ['start', 'validate'], commandOnly: true }),
}

export type OptionName = keyof typeof OPTIONS
export const OPTION_NAMES = Object.keys(OPTIONS) as OptionName[]

export type Settings = { -readonly [K in OptionName]: Static<(typeof OPTIONS)[K]['schema']> }

const WORDS = /(?=[A-Z])/

export const flagOf = (name: string) => `--${name.split(WORDS).join('-').toLowerCase()}`
export const VARIABLE_PREFIX = 'IONWORKS_MOCK_'
export const variableOf = (name: string) => `${VARIABLE_PREFIX}${name.split(WORDS).join('_').toUpperCase()}`

/** Shows any value in a message. */
export const show = (value: unknown) =>
  typeof value === 'string' ? JSON.stringify(value) : inspect(value, { depth: 1, breakLength: Infinity })

/** Something that is wrong with the options. */
export interface OptionIssue {
  /** What is wrong, for programs. Stable. */
  readonly code: ErrorCode
  /** The flag, variable, key or argument. */
  readonly option: string
  /** What was found and what to do, for people. */
  readonly message: string
}

/** Checks a value; `source` is the flag, variable or key that gave it. Undefined if it is valid. */
export function checkOption(name: OptionName, value: unknown, source: string): OptionIssue | undefined {
  const { schema, expects } = OPTIONS[name]
  if (Value.Check(schema, value)) return undefined
  const hint = typeof value === 'string' ? didYouMean(value, (schema as Keywords).enum ?? []) : ''
  return invalidOption(source, value, expects, hint)
}

export const invalidOption = (option: string, value: unknown, expects: string, hint = '') =>
  optionIssue('invalid_value', option, `found ${show(value)}, expected ${expects}${hint}`)

export const optionIssue = (code: ErrorCode, option: string, text: string): OptionIssue => ({
  code,
  option,
  message: `${option}: ${text}`,
})

const SWITCH: Record<string, boolean> = { true: true, '1': true, false: false, '0': false }

/** Parses the text of a flag or variable. Returns text that cannot be parsed unchanged, so that its check reports it. */
export function parseOption(name: OptionName, text: string): unknown {
  const { schema } = OPTIONS[name]
  if (schema.type === 'boolean') return Object.hasOwn(SWITCH, text) ? SWITCH[text] : text
  const isNumber = schema.type === 'integer' || 'anyOf' in schema
  return isNumber && /^\d+$/.test(text) ? Number(text) : text
}

/** Options that are invalid. `issues` lists everything that is wrong with them; nothing was started. */
export class OptionsError extends Error {
  override readonly name = 'OptionsError'
  readonly code = 'invalid_options'

  constructor(readonly issues: readonly OptionIssue[]) {
    super(issues.map(({ message }) => message).join('\n'))
  }
}
