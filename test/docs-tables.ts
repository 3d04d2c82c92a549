import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { optionsTable } from '../src/cli/help.js'
import { ERROR_CODES } from '../src/contract/codes.js'
import { startMock } from '../src/index.js'
import { flagOf, OPTION_NAMES, OPTIONS } from '../src/options/options.js'
import { page, rowsOf } from './support/markdown.js'
import { ROOT, sourceFiles } from './support/paths.js'

const sectionOf = (path: string, name: string) =>
  new RegExp(`<!-- ${name} -->\n([^]*?)\n<!-- /${name} -->`).exec(page(path).text)?.[1] ?? ''

t.test('docs/options.md has every option, with its variable, default and help', async (t) => {
  t.equal(sectionOf('docs/options.md', 'options'), optionsTable())
})

/** Returns the numeric limits that the sources declare, formatted like `MAX_DELAY_MS: 1 h`. */
function declaredLimits(): string[] {
  return sourceFiles().flatMap((file) => {
    const source = readFileSync(join(ROOT, 'src', file), 'utf8')
    const declared = source.matchAll(/^(?:export )?const (MAX_\w+|\w+_(?:TIMEOUT_MS|MS|BYTES)) = ([\d_ *]+)$/gm)
    return [...declared].map(([, name = '', product = '']) => {
      const value = product.split('*').reduce((result, factor) => result * Number(factor.replaceAll('_', '')), 1)
      return `${name}: ${shownLimit(name, value)}`
    })
  })
}

function shownLimit(name: string, value: number): string {
  const units: [number, string][] = name.endsWith('_MS')
    ? [
        [86_400_000, 'd'],
        [3_600_000, 'h'],
        [60_000, 'min'],
        [1000, 's'],
      ]
    : name.endsWith('_BYTES')
      ? [
          [1024 * 1024, 'MiB'],
          [1024, 'KiB'],
        ]
      : []
  const [size, unit] = units.find(([size]) => value % size === 0) ?? [1, '']
  return `${(value / size).toLocaleString('en')} ${unit}`.trim()
}

t.test('docs/options.md has every limit that the sources declare, with its value', async (t) => {
  const rows = rowsOf(sectionOf('docs/options.md', 'limits')).slice(2)
  const shown = rows.filter(([, , , , constant]) => constant !== '')
  const missing = declaredLimits().filter((limit) => {
    const [name, value] = limit.split(': ')
    return !shown.some(([, cell = '', , , constant]) => constant === `\`${name}\`` && cell.includes(String(value)))
  })
  t.strictSame(missing, [])
  t.equal(shown.length, declaredLimits().length, 'every constant in the table exists')
})

t.test('docs/options.md has the default of each limit that is an option', async (t) => {
  const rows = rowsOf(sectionOf('docs/options.md', 'limits')).slice(2)
  const flags = rows.flatMap(([, cell = '']) => [...cell.matchAll(/^`(--[a-z-]+)`, (.*)$/g)])
  t.ok(flags.length >= 4)
  for (const [, flag, limit = ''] of flags) {
    const name = OPTION_NAMES.find((option) => flagOf(option) === flag) as keyof typeof OPTIONS
    t.ok(limit.replace(/[ ,]/g, '').startsWith(String(OPTIONS[name].default)), `${flag}: ${limit}`)
  }
})

t.test('docs/errors.md has every error code, with its status, when it occurs and what to do', async (t) => {
  const rows = rowsOf(page('docs/errors.md').text).filter(([code]) => code?.startsWith('`'))
  const shown = rows.map((cells) => [cells[0], cells.length === 4 ? cells[1] : '', cells.at(-2)])
  const declared = Object.entries<{ when: string; status?: number }>(ERROR_CODES).map(
    ([code, { when, status = '' }]) => [`\`${code}\``, String(status), when],
  )
  t.strictSame(shown, declared)
  t.strictSame(
    rows.filter((cells) => !cells.at(-1)?.endsWith('.') && !cells.at(-1)?.endsWith(')')),
    [],
  )
})

const endpointsIn = (path: string) =>
  [...page(path).text.matchAll(/`((?:GET|POST|PUT|PATCH|DELETE) \/[^`]*)`/g)].map(([, endpoint = '']) => endpoint)

const endpointsOf = (document: string) =>
  Object.entries<object>((JSON.parse(document) as { paths: Record<string, object> }).paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  )

t.test('docs/operations.md has every operation, and docs/control.md has every call of the control API', async (t) => {
  const mock = await startMock({ listen: false })
  t.teardown(() => mock.close())
  const operations = new Set(endpointsIn('docs/operations.md'))
  const calls = new Set(endpointsIn('docs/control.md'))
  for (const endpoint of endpointsOf((await mock.inject('/openapi.json')).body))
    t.ok(operations.has(endpoint), endpoint)
  for (const endpoint of endpointsOf((await mock.inject('/_mock/openapi.json')).body))
    t.ok(calls.has(endpoint), endpoint)
})

t.test('docs/control.md has every member of the object that `startMock` returns', async (t) => {
  const mock = await startMock({ listen: false })
  t.teardown(() => mock.close())
  const { text } = page('docs/control.md')
  const table = text.slice(text.indexOf('## The handle'), text.indexOf('### Connecting'))
  for (const [name, member] of Object.entries(mock)) {
    const names = typeof member === 'object' && name !== 'env' && name !== 'seeded' ? Object.keys(member) : []
    t.match(table, new RegExp(`\\b${name}\\b`), name)
    for (const method of names) t.match(table, new RegExp(`\\.${method}\\(`), `${name}.${method}`)
  }
})
