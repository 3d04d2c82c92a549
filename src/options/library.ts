import { Value } from '@sinclair/typebox/value'
import type { FastifyBaseLogger } from 'fastify'
import {
  faultOf,
  type LibraryOptionName,
  OPTION_NAMES,
  OPTIONS,
  type OptionName,
  OptionsError,
  show,
  type Settings,
} from './options.js'
import type { FixtureSource } from '../fixtures/load.js'
import { didYouMean } from '../diagnostics/spelling.js'

/** How a mock is to be: the options of the command, and what only a program can give. */
export interface MockOptions extends Partial<Pick<Settings, Exclude<LibraryOptionName, 'fixtures' | 'clock'>>> {
  /** What to begin with: paths of files or folders, file URLs, fixture objects. Default: the shipped battery lab. */
  fixtures?: FixtureSource | readonly FixtureSource[]
  /** A pino logger, or one like it. Default: none, unless there is a `logLevel`. */
  logger?: FastifyBaseLogger
  /** `real`, `frozen`, `frozen@` with an instant, or a function that tells the real time. Default: `real`. */
  clock?: string | (() => Date)
  /** `false`: no port is opened, and only `inject` answers. Default: `true`. */
  listen?: boolean
}

const ONLY_IN_PROGRAMS: Record<string, { isRight: (value: unknown) => boolean; expects: string }> = {
  fixtures: { isRight: isFixtureSource, expects: 'a path, a file URL, a fixture object, or a list of these' },
  logger: {
    isRight: (value) => typeof (value as { child?: unknown } | null)?.child === 'function',
    expects: 'a pino logger',
  },
  clock: {
    isRight: (value) => typeof value === 'function' || Value.Check(OPTIONS.clock.schema, value),
    expects: `${OPTIONS.clock.expects}, or a function that returns a Date`,
  },
  listen: { isRight: (value) => typeof value === 'boolean', expects: 'true or false' },
}

function isFixtureSource(value: unknown): boolean {
  if (Array.isArray(value)) return value.every((source) => !Array.isArray(source) && isFixtureSource(source))
  if (value instanceof URL) return value.protocol === 'file:'
  return typeof value === 'string' || (typeof value === 'object' && value !== null)
}

/**
 * The settings that the options ask for. An option that is `undefined` was not given.
 * @throws OptionsError with everything that is wrong with them.
 */
export function checkOptions(options: MockOptions): Settings {
  const names = OPTION_NAMES.filter((name) => !OPTIONS[name].commandOnly)
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    throw new OptionsError([`startMock: found ${show(options)}, expected an object of options`])
  const known = [...new Set([...names, ...Object.keys(ONLY_IN_PROGRAMS)])]
  const faults: string[] = []
  const given: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue
    const own = Object.hasOwn(ONLY_IN_PROGRAMS, name) ? ONLY_IN_PROGRAMS[name] : undefined
    if (own) {
      if (!own.isRight(value)) faults.push(`${name}: found ${show(value)}, expected ${own.expects}`)
    } else if (names.includes(name as OptionName)) {
      const fault = faultOf(name as OptionName, value, name)
      if (fault) faults.push(fault)
      given[name] = value
    } else
      faults.push(`${name}: there is no such option${didYouMean(name, known) || `; there are ${known.join(', ')}`}`)
  }
  if (faults.length > 0) throw new OptionsError(faults)
  const defaults = OPTION_NAMES.map((name) => [name, OPTIONS[name].libraryDefault ?? OPTIONS[name].default])
  return { ...Object.fromEntries(defaults), ...given }
}
