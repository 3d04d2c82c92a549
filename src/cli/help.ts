import { flagOf, OPTION_NAMES, OPTIONS, type OptionName, variableOf } from '../options/options.js'

/** What `--help` prints. */
export const help = (): string => `Usage: ionworks-mock [start] [options]
       ionworks-mock validate [path…]

  start      serve the mock of the Ionworks pipeline API (what is done if nothing else is said)
  validate   check fixtures without serving them: 0 and their counts, or 2 and every fault with its place

Options, each with its environment variable; flags beat variables, variables beat defaults:
${OPTION_NAMES.map(describe).join('\n')}

Exit codes: 0 done, 1 failed, 2 an option or a fixture is wrong, 3 the port is in use.
`

function describe(name: OptionName): string {
  const { schema, help, expects } = OPTIONS[name]
  const usage = schema.type === 'boolean' ? flagOf(name) : `${flagOf(name)} <${expects}>`
  return `  ${usage}\n      ${help}. ${variableOf(name)}, default ${shownDefault(name)}`
}

/** A default as people know it. */
export function shownDefault(name: OptionName): string {
  if (name === 'fixtures') return 'the shipped battery lab'
  const value = OPTIONS[name].default
  return value === '' || (Array.isArray(value) && value.length === 0) ? 'none' : String(value)
}
