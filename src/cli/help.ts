import { flagOf, OPTIONS, type OptionName, variableOf } from '../options/options.js'

const GROUPS = {
  Pipelines: ['fixtures', 'strict', 'unknownPipeline', 'requireKey', 'clock', 'progress'],
  Server: ['port', 'host', 'maxSandboxes', 'memoryLimit', 'bodyLimit', 'elementLimit', 'grace', 'stopWithStdin'],
  'Control API': ['control', 'controlToken', 'allowedHost'],
  Output: ['logLevel', 'json', 'version', 'help'],
} satisfies Record<string, OptionName[]>

/** Returns the text that `--help` prints. */
export const help = (): string => `Usage: ionworks-mock [start] [options]
       ionworks-mock validate [path…|-]
       ionworks-mock healthcheck [--host <host>] [--port <port>]
       ionworks-mock help

  start        Serve a mock of the Ionworks pipeline API (default)
  validate     Check fixtures without serving them, and print the issues with their positions; - is standard input
  healthcheck  Check that a mock is running on this machine, at the host and port in the options or variables
  help         Print this help

Most options have an environment variable. Flags take precedence over variables, and variables over defaults.

${Object.entries(GROUPS).map(describeGroup).join('\n\n')}

Exit codes: 0 success, 1 internal error or failed health check, 2 invalid options or fixtures, 3 port in use.
`

const describeGroup = ([title, names]: [string, OptionName[]]) => `${title}\n${names.map(describe).join('\n')}`

function describe(name: OptionName): string {
  const { help, expects, schema } = OPTIONS[name]
  const value = schema.type === 'boolean' ? '' : ` <${expects}>`
  const short = SHORT[name] === undefined ? '' : `-${SHORT[name]}, `
  const variable = variableOf(name)
  const last = variable === undefined ? '' : `\n      ${variable}, default: ${defaultOf(name)}`
  return `  ${short}${usageOf(name)}${value}\n      ${help}.${last}`
}

/** The short flags, by the names of their options. */
export const SHORT: Partial<Record<OptionName, string>> = { help: 'h', version: 'v' }

/**
 * Returns the flag of an option as the help shows it. Shows a boolean option that is true by default with `[no-]`, such
 * as `--[no-]control`.
 */
const usageOf = (name: OptionName) =>
  OPTIONS[name].default === true ? flagOf(name).replace('--', '--[no-]') : flagOf(name)

function defaultOf(name: OptionName): string {
  if (name === 'fixtures') return 'the battery lab'
  const value = OPTIONS[name].default
  return value === '' || (Array.isArray(value) && value.length === 0) ? 'none' : String(value)
}

/** Returns a Markdown table of the options, for docs/options.md. */
export const optionsTable = (): string =>
  [
    '| flag | variable | default | effect |',
    '| --- | --- | --- | --- |',
    ...Object.values(GROUPS)
      .flat()
      .map((name) => {
        const variable = variableOf(name)
        const cells = [
          `\`${usageOf(name)}\``,
          variable ? `\`${variable}\`` : 'none',
          defaultOf(name),
          OPTIONS[name].help,
        ]
        return `| ${cells.join(' | ')} |`
      }),
  ].join('\n')
