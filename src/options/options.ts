import { delimiter } from 'node:path'
import { type Static, type TBoolean, type TSchema, Type } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { type Keywords, StringEnum } from '../contract/schema.js'
import * as settings from '../contract/settings.js'
import { didYouMean } from '../diagnostics/spelling.js'
import { invalidOption, type OptionIssue } from './error.js'
import { HostSetting } from './host.js'
import { SHIPPED_FIXTURES } from './shipped.js'
import { MAX_SANDBOXES } from '../state/sandboxes.js'

interface Option<S extends TSchema = TSchema> {
  readonly schema: S
  /** Describes the effect of the option, in the help and in docs/options.md. */
  readonly help: string
  /** Describes valid values, in the help and in messages. */
  readonly expects: string
  /** Default on the command line, and in the library unless `libraryDefault` is set. */
  readonly default: Static<S>
  /** Default in the library, if it differs from `default`. */
  readonly libraryDefault?: Static<S>
  /** The commands that accept the option. Default: `start` only. */
  readonly commands?: readonly string[]
  /** Separator between the values in the environment variable. Absent if the option accepts only one value. */
  readonly separator?: string
  /** Set if the key `mock` of a fixture can set the option, too. The option takes precedence over the fixture. */
  readonly inFixtures?: true
  /** Set if the library does not have the option. */
  readonly commandOnly?: true
  /** Set if the option has no environment variable. */
  readonly flagOnly?: true
}

const option = <S extends TSchema>(declared: Option<S>) => declared

/** The commands of the command line. */
export const COMMANDS = ['start', 'validate', 'healthcheck', 'help'] as const

/** Declares a boolean option. Its default is false, unless `other` contains another default. */
const switchOption = (help: string, other: Partial<Option<TBoolean>> = {}) =>
  option({ schema: Type.Boolean(), help, expects: 'true or false', default: false, ...other })

/**
 * The options of the command. The names of flags and environment variables are derived from the keys. A flag takes
 * precedence over a variable, and a variable over the default.
 */
export const OPTIONS = {
  port: option({
    schema: Type.Integer({ minimum: 0, maximum: 65535 }),
    help: 'Port to listen on; 0 selects a free port',
    expects: 'an integer from 0 to 65535',
    default: 4669,
    libraryDefault: 0,
    commands: ['start', 'healthcheck'],
  }),
  host: option({
    schema: HostSetting,
    help: 'Address to listen on; 0.0.0.0 selects all interfaces',
    expects: 'a host name or an IP address, without a port, brackets or a zone',
    default: '127.0.0.1',
    commands: ['start', 'healthcheck'],
  }),
  fixtures: option({
    schema: Type.Array(Type.String({ minLength: 1 })),
    help:
      'Fixture file or folder to load. ' +
      `The option can be repeated; the environment variable can contain a list separated by "${delimiter}"`,
    expects: 'the path of a file or folder',
    default: [SHIPPED_FIXTURES],
    commands: ['start', 'validate'],
    separator: delimiter,
  }),
  strict: switchOption(
    'Omit the unpublished keys is_terminal and is_failed of pipelines; ' +
      'the official client requires these keys since version 0.32',
  ),
  unknownPipeline: option({
    schema: Type.Union([Type.Literal(422), Type.Literal(404)]),
    help:
      'Response status for the unknown id of a pipeline or an element: 422 as in the published contract, or 404 as ' +
      'sent by the real service',
    expects: '422 or 404',
    default: 422,
  }),
  requireKey: switchOption('Respond with 401 to requests without an API key; any key is accepted'),
  clock: option({
    schema: settings.ClockSetting,
    help:
      'Clock of the mock: real time, frozen at the start of the mock, or frozen at the given time. ' +
      'Takes precedence over the key mock.clock in fixtures',
    expects: settings.CLOCK_SETTINGS,
    default: 'real',
    inFixtures: true,
  }),
  progress: option({
    schema: settings.ProgressSetting,
    help:
      'How elements progress if their fixture sets no duration: they do not end by themselves (manual), ' +
      'or each element ends after the given duration (after=). ' +
      'Takes precedence over the key mock.progress in fixtures',
    expects: settings.PROGRESS_SETTINGS,
    default: 'manual',
    inFixtures: true,
  }),
  maxSandboxes: option({
    schema: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
    help: 'Maximum number of named sandboxes; a further sandbox evicts the sandbox that has been idle longest',
    expects: 'an integer from 1 to 1000000',
    default: MAX_SANDBOXES,
  }),
  memoryLimit: option({
    schema: settings.SizeSetting(16 * 1024 * 1024, 64 * 1024 ** 3),
    help:
      'Maximum memory of the state of the mock, without its fixtures; at this maximum, journals drop their ' +
      'oldest requests, and the mock rejects calls and requests that need more memory',
    expects: 'a size from 16MiB to 64GiB, such as 384MiB, or a number of bytes',
    default: '384MiB',
  }),
  bodyLimit: option({
    schema: settings.SizeSetting(1024, 256 * 1024 * 1024),
    help: 'Maximum size of a request body of the mocked API, also after decompression; a larger body gets a 413',
    expects: 'a size from 1KiB to 256MiB, such as 16MiB, or a number of bytes',
    default: '16MiB',
  }),
  elementLimit: option({
    schema: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
    help: 'Maximum number of elements in a request that creates a pipeline; a request with more elements gets a 422',
    expects: 'an integer from 1 to 1000000',
    default: 10_000,
  }),
  control: switchOption('Serve the control API under /_mock; /_mock/health and /_mock/ready are always served', {
    default: true,
  }),
  controlToken: option({
    schema: Type.String({ pattern: '^[!-~]*$' }),
    help:
      'Token that requests to the control API must send in the header X-Mock-Token; ' +
      'if the token is empty, requests need no token',
    expects: 'a string of visible ASCII characters, without spaces',
    default: '',
  }),
  allowedHost: option({
    // A pattern such as *.example.com, a port or a final dot would never match.
    schema: Type.Array(Type.String({ pattern: '^\\.?[\\w-]+(\\.[\\w-]+)*$' })),
    help:
      'Additional host name that the control API accepts; .example.com stands for the domain and its subdomains. ' +
      'The option can be repeated; the environment variable can contain a comma-separated list',
    expects: 'an ASCII host name, or .example.com for a domain and its subdomains; without a port, * or a final dot',
    default: [],
    separator: ',',
  }),
  grace: option({
    schema: settings.DurationSetting,
    help: 'How long a shutdown waits for responses in flight before it closes their connections',
    expects: 'a duration of at most a day, such as 5s, 250ms or PT5S',
    default: '5s',
  }),
  stopWithStdin: switchOption(
    'Stop the mock when its standard input ends; this also happens when the parent process ends',
    {
      commandOnly: true,
    },
  ),
  logLevel: option({
    schema: StringEnum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']),
    help: 'Minimum level of the log messages on standard error; each request is logged with the level info',
    expects: 'one of trace, debug, info, warn, error, fatal, silent',
    default: 'info',
    libraryDefault: 'silent',
  }),
  json: switchOption('When the mock is ready, print one line of JSON to standard output instead of the usual text', {
    commandOnly: true,
  }),
  // These options have no variables: an image may use a variable such as IONWORKS_MOCK_VERSION for its own version.
  version: switchOption('Print the version and exit', { commands: COMMANDS, commandOnly: true, flagOnly: true }),
  help: switchOption('Print this help and exit', { commands: COMMANDS, commandOnly: true, flagOnly: true }),
}

export type OptionName = keyof typeof OPTIONS
export const OPTION_NAMES = Object.keys(OPTIONS) as OptionName[]

type Values = { -readonly [K in OptionName]: Static<(typeof OPTIONS)[K]['schema']> }
type InFixtures = 'clock' | 'progress'

/** The values of all options. An option that fixtures can set is absent if it was not given. */
export interface Settings extends Omit<Values, InFixtures>, Partial<Pick<Values, InFixtures>> {}

const WORDS = /(?=[A-Z])/

export const flagOf = (name: string) => `--${name.split(WORDS).join('-').toLowerCase()}`
export const VARIABLE_PREFIX = 'IONWORKS_MOCK_'

/** Returns the environment variable of an option, or undefined if the option has no variable. */
export const variableOf = (name: OptionName): string | undefined =>
  OPTIONS[name].flagOnly ? undefined : `${VARIABLE_PREFIX}${name.split(WORDS).join('_').toUpperCase()}`

/**
 * Checks the value of an option. Returns an issue if the value is invalid, otherwise undefined. `source` is the flag,
 * environment variable or key that the value comes from.
 */
export function checkOption(name: OptionName, value: unknown, source: string): OptionIssue | undefined {
  const { schema, expects } = OPTIONS[name]
  if (Value.Check(schema, value)) return undefined
  const hint = typeof value === 'string' ? didYouMean(value, (schema as Keywords).enum ?? []) : ''
  return invalidOption(source, value, expects, hint)
}

/** The texts of boolean values, in lower case. Python writes `True`, and YAML has `yes` and `on`. */
const SWITCH = new Map([
  ...['true', 'yes', 'on', '1'].map((text) => [text, true] as const),
  ...['false', 'no', 'off', '0'].map((text) => [text, false] as const),
])

/** Parses the text of a flag or variable. Returns an invalid text unchanged, so that `checkOption` reports it. */
export function parseOption(name: OptionName, text: string): unknown {
  const { schema } = OPTIONS[name]
  if (schema.type === 'boolean') return SWITCH.get(text.toLowerCase()) ?? text
  const isNumber = schema.type === 'integer' || 'anyOf' in schema
  return isNumber && /^\d+$/.test(text) ? Number(text) : text
}
