import { flagOf, OPTION_NAMES, OPTIONS, type OptionName, variableOf } from '../options/options.js'

/** The text of `--help`. */
export const help = (): string => `Usage: ionworks-mock [start] [options]
       ionworks-mock validate [path…]

  start      serve the mock of the Ionworks pipeline API (default)
  validate   check fixtures without serving them: prints their counts, or every issue with its place

Options with their environment variables; flags beat variables, variables beat defaults:
${OPTION_NAMES.map(describe).join('\n')}

Exit codes: 0 success, 1 failure, 2 invalid options or fixtures, 3 port in use.
`

function describe(name: OptionName): string {
  const { schema, help, expects } = OPTIONS[name]
  const usage = schema.type === 'boolean' ? flagOf(name) : `${flagOf(name)} <${expects}>`
  return `  ${usage}\n      ${help}. ${variableOf(name)}, default ${shownDefault(name)}`
}

/** A default as the help shows it. */
export function shownDefault(name: OptionName): string {
  if (name === 'fixtures') return 'the shipped battery lab'
  const value = OPTIONS[name].default
  return value === '' || (Array.isArray(value) && value.length === 0) ? 'none' : String(value)
}
