import { Value } from '@sinclair/typebox/value'
import { isObject } from '../contract/schema.js'
import { invalidOption, type OptionIssue, optionIssue, OptionsError } from './error.js'
import { checkOption, OPTION_NAMES, OPTIONS, type Settings } from './options.js'
import { type FixtureSource, isFileUrl } from '../fixtures/load.js'
import { didYouMean } from '../diagnostics/spelling.js'

/** A logger with the methods of pino. */
export interface MockLogger {
  level: string
  fatal: LogMethod
  error: LogMethod
  warn: LogMethod
  info: LogMethod
  debug: LogMethod
  trace: LogMethod
  silent: LogMethod
  child(bindings: Record<string, unknown>, options?: object): MockLogger
}

/** Logs a message, optionally with an object of fields before it. */
export interface LogMethod {
  (fields: object, message?: string): void
  (message: string): void
}

/**
 * Options of `startMock`. An option that is absent or undefined has its default value. `ionworks-mock --help` explains
 * the options that also exist on the command line. Two of these options have different defaults in the library: `port`
 * is 0, which selects a free port, and `logLevel` is `silent`. `grace` is a duration as a string, such as `5s`, `250ms`
 * or `PT5S`. `bodyLimit` is a number of bytes, or a string such as `16MiB`.
 *
 * @example
 * const mock = await startMock({ fixtures: 'fixtures/lab.yaml', clock: 'frozen@2026-10-01T12:00:00Z' })
 */
export interface MockOptions extends Partial<
  Omit<Settings, 'fixtures' | 'clock' | 'stopWithStdin' | 'json' | 'version' | 'help'>
> {
  /** Fixtures to load: one source or an array of sources. Default: the battery lab that the package contains. */
  fixtures?: FixtureSource | readonly FixtureSource[]
  /**
   * A pino logger, or an object with the same interface. If a logger is given, `logLevel` is ignored. Default: no
   * logger if `logLevel` is `silent`, otherwise a logger that writes JSON to standard error.
   */
  logger?: MockLogger
  /**
   * The clock of the mock. `real` follows the clock of the machine. `frozen` stands still at the time when the mock
   * starts. `frozen@2026-10-01T12:00:00Z` stands still at the given time, which must have a UTC offset. A function is
   * called whenever the mock needs the current time, and must return a Date in the years 0 to 9999. Default: `real`.
   */
  clock?: string | (() => Date)
  /** Whether to open a port. With `false`, `inject` is the only way to send requests. Default: `true`. */
  listen?: boolean
}

const LIBRARY_ONLY: Record<string, { check: (value: unknown) => boolean; expects: string }> = {
  fixtures: { check: isFixtureSource, expects: 'a path, a file URL, a fixture object, or an array of these' },
  logger: {
    check: (value) => typeof (value as { child?: unknown } | null)?.child === 'function',
    expects: 'a pino logger',
  },
  clock: {
    check: (value) => typeof value === 'function' || Value.Check(OPTIONS.clock.schema, value),
    expects: `${OPTIONS.clock.expects}, or a function that returns a Date`,
  },
  listen: { check: (value) => typeof value === 'boolean', expects: 'true or false' },
}

function isFixtureSource(value: unknown): boolean {
  if (Array.isArray(value)) return value.every((source) => !Array.isArray(source) && isFixtureSource(source))
  if (typeof value === 'object' && value !== null && 'href' in value) return isFileUrl(value)
  return typeof value === 'string' || (typeof value === 'object' && value !== null)
}

const NAMES = OPTION_NAMES.filter((name) => !OPTIONS[name].commandOnly)
const ALL_NAMES = [...new Set([...NAMES, ...Object.keys(LIBRARY_ONLY)])]

/**
 * Checks options, and returns the settings, with defaults for options that are absent or undefined. Given values of
 * `fixtures`, `clock`, `logger` and `listen` are checked, but the settings do not contain these values.
 * @throws OptionsError with an issue for each invalid option.
 */
export function checkOptions(options: MockOptions): Settings {
  if (!isObject(options)) throw new OptionsError([invalidOption('startMock', options, 'an object with options')])
  const given = Object.entries(options).filter(([, value]) => value !== undefined)
  const issues = given.flatMap(([name, value]) => check(name, value) ?? [])
  if (issues.length > 0) throw new OptionsError(issues)
  const defaults = OPTION_NAMES.filter((name) => !OPTIONS[name].inFixtures).map((name) => [
    name,
    OPTIONS[name].libraryDefault ?? OPTIONS[name].default,
  ])
  const settings = [...defaults, ...given.filter(([name]) => !Object.hasOwn(LIBRARY_ONLY, name))]
  return Object.fromEntries(settings) as Settings
}

function check(name: string, value: unknown): OptionIssue | undefined {
  const own = Object.hasOwn(LIBRARY_ONLY, name) ? LIBRARY_ONLY[name] : undefined
  if (own) return own.check(value) ? undefined : invalidOption(name, value, own.expects)
  const shared = NAMES.find((option) => option === name)
  if (shared) return checkOption(shared, value, name)
  const hint = didYouMean(name, ALL_NAMES) || `; expected one of ${ALL_NAMES.join(', ')}`
  return optionIssue('unknown_option', name, `unknown option${hint}`)
}
