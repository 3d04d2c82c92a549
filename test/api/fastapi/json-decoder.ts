import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { MAX_VALUE_BYTES, scanJson, WEIGHTS } from '../../../src/api/fastapi/json-decoder.js'
import { JsonError } from '../../../src/api/fastapi/json-error.js'
import { HttpError } from '../../../src/http/error.js'
import { weightOf } from '../../../src/state/weight.js'
import { runs } from '../../support/runs.js'

const scan = (text: string, maxKeys = Infinity) => scanJson(text, { listed: 'elements', maxKeys })
const keysIn = (text: string, maxKeys?: number) => [...scan(text, maxKeys).weights.keys()]

/** Parts of JSON texts. A text of random parts is sometimes valid. An invalid text is often invalid near its end. */
const PARTS = [
  ...['{', '}', '[', ']', ':', ',', ' ', '\n', '"', '\\', '\\u', '00e9', '"a"', '"1"', '"elements":', '"é🔋"'],
  ...['0', '1', '-', '.', 'e5', '+', 'true', 'fals', 'null', '\u0000', '\u00a0', '\u2028', '\ud800', 'N', '/'],
]
const parts = fc.array(fc.constantFrom(...PARTS), { maxLength: 12 }).map((some) => some.join(''))

/** Texts of valid JSON in which one part is replaced or cut off. */
const damaged = fc
  .tuple(fc.json(), fc.nat(), fc.nat(2), fc.constantFrom('', ...PARTS))
  .map(
    ([json, n, cut, part]) => json.slice(0, n % (json.length + 1)) + part + json.slice((n % (json.length + 1)) + cut),
  )

const isAccepted = (run: () => unknown, refusal: new (...args: never[]) => Error) => {
  try {
    run()
    return true
  } catch (error) {
    if (error instanceof refusal) return false
    throw error
  }
}

t.test('the scanner accepts the texts that `JSON.parse` accepts', async () => {
  const property = fc.property(fc.oneof(fc.json(), parts, damaged), (text) => {
    const accepts = isAccepted(() => keysIn(text), JsonError)
    return accepts === isAccepted(() => JSON.parse(text), SyntaxError)
  })
  fc.assert(property, { numRuns: 25 * runs().numRuns })
})

t.test('the scanner skips white space between values, and only the white space of JSON', (t) => {
  const spaced = (space: string) => ['', '[', '{', '"a"', ':', '1', '}', ',', '2', ']', ''].join(space)
  for (const space of [' ', '\n', '\r', '\t', '\r\n\t '])
    t.doesNotThrow(() => keysIn(spaced(space)), JSON.stringify(space))
  const error = { message: 'Expecting value', position: 0 }
  for (const space of ['\f', '\v', '\u00a0', '\ufeff'])
    t.throws(() => keysIn(spaced(space)), error, JSON.stringify(space))
  t.end()
})

t.test('the scanner reports the errors that Python reports', async (t) => {
  // Measured with Python 3.11.
  const table: [text: string, message: string, position: number][] = [
    ['', 'Expecting value', 0],
    ['-', 'Expecting value', 0],
    ['nul', 'Expecting value', 0],
    ['["🔋",]', 'Expecting value', 5],
    ['"🔋\\x"', 'Invalid \\escape', 2],
    ['["\\u12"]', 'Invalid \\uXXXX escape', 3],
    ['["\\u', 'Invalid \\uXXXX escape', 3],
    ['"a\\', 'Unterminated string starting at', 0],
    ['["🔋", "a', 'Unterminated string starting at', 6],
    ['"\n"', 'Invalid control character at', 1],
    ['[1 2]', "Expecting ',' delimiter", 3],
    ['{"a"}', "Expecting ':' delimiter", 4],
    ['{"a":1,}', 'Expecting property name enclosed in double quotes', 7],
    ['1 1', 'Extra data', 2],
  ]
  for (const [text, message, position] of table) t.throws(() => keysIn(text), { message, position }, text)
})

const key = fc.oneof(fc.constantFrom('0', '1', '2', '10', 'a', 'elements', '__proto__', '"', 'é🔋'), fc.string())
const written = fc
  .tuple(key, fc.boolean())
  .map(([name, isEscaped]) =>
    isEscaped ? `"${[...name].map((one) => JSON.stringify(one).slice(1, -1)).join('')}"` : JSON.stringify(name),
  )
const members = fc.array(fc.tuple(written, fc.json()), { maxLength: 6 })
const objectOf = (some: readonly (readonly [string, string])[]) =>
  `{ ${some.map(([name, value]) => `${name}\n:${value} `).join(',')}}`

t.test('the scanner lists the keys of the last object under the given key, in the order of the text', async () => {
  const property = fc.property(members, members, members, members, (before, first, between, last) => {
    const others = [before, between].map((some) => some.filter(([name]) => JSON.parse(name) !== 'elements'))
    const text = objectOf([
      ...(others[0] as typeof before),
      ['"elements"', objectOf(first)],
      ...(others[1] as typeof before),
      ['"\\u0065lements"', objectOf(last)],
    ])
    const expected = [...new Set(last.map(([name]) => JSON.parse(name)))]
    return JSON.stringify(keysIn(text)) === JSON.stringify(expected)
  })
  fc.assert(property, runs())
})

t.test('the scanner lists at most one key above the limit', async (t) => {
  const text = '{"elements":{"3":0,"3":0,"2":0,"1":0,"0":0}}'
  t.strictSame(keysIn(text, 4), ['3', '2', '1', '0'])
  t.strictSame(keysIn(text, 3), ['3', '2', '1', '0'])
  t.strictSame(keysIn(text, 2), ['3', '2', '1'])
  t.strictSame(keysIn('[{"elements":{"a":0}}]'), [], 'the key belongs to an inner object')
  t.strictSame(keysIn('{"elements":{"a":0},"elements":[{"b":0}]}'), [], 'the last value is an array')
})

/** Returns the weight that the scanner notes for a value in the listed object. */
const weightIn = (value: string) => scan(`{"elements":{"a":${value}}}`).weights.get('a')

t.test('the scanner estimates the weight of each value in the listed object', async (t) => {
  const values = [
    null,
    1.5,
    'text',
    '🔋 text',
    '"\n"',
    '\ud800',
    [],
    {},
    { a: [1, 'b', { c: true }] },
    'x'.repeat(1000),
  ]
  for (const value of values) t.equal(weightIn(JSON.stringify(value)), weightOf(value), JSON.stringify(value))
  const property = fc.property(fc.json(), fc.json(), (first, last) => {
    const { weights } = scan(`{"elements":{"a":${first},"b":[${first} , ${last}],"a":${last}}}`)
    assert.ok(Number(weights.get('a')) >= weightOf(JSON.parse(last)))
    assert.ok(Number(weights.get('b')) >= weightOf([JSON.parse(first), JSON.parse(last)]))
  })
  fc.assert(property, runs())
  const escaped = `"${'x'.repeat(1000)}\\ud83d\\udd0b"`
  t.equal(weightIn(escaped), weightOf(JSON.parse(escaped)), 'escaped characters outside ASCII')
})

t.test('the scanner finds every number that `JSON.parse` reads as Infinity', async (t) => {
  const digits = fc.tuple(fc.constantFrom('9', '0', '1'), fc.nat(320)).map(([digit, count]) => digit.repeat(count))
  const number = fc
    .tuple(fc.constantFrom('', '-'), digits, fc.option(digits), fc.option(fc.integer({ min: -400, max: 400 })))
    .map(([sign, integer, fraction, exponent]) =>
      [sign, '1', integer, fraction && `.${fraction}`, exponent === null ? '' : `e${exponent}`].join(''),
    )
  const property = fc.property(number, (text) => Number.isFinite(Number(text)) || scan(`[0,${text}]`).mayOverflow)
  fc.assert(property, { numRuns: 10 * runs().numRuns })
  for (const text of ['1e999', '-1E+309', '2e308', '9'.repeat(310), '0.01e0311']) t.ok(scan(text).mayOverflow, text)
  for (const text of ['1.5', '1e300', '-1e-999', '9'.repeat(308), '"1e999"', 'false', '{"1e999":1E5}'])
    t.notOk(scan(text).mayOverflow, text)
})

/** Returns the status of the response to a text, or 200 if the text is accepted. */
function statusOf(text: string): number {
  try {
    keysIn(text)
    return 200
  } catch (error) {
    if (error instanceof HttpError) return error.response.status
    if (error instanceof JsonError) return 422
    throw error
  }
}

t.test('a text gets a 413 only if it has more values than the memory limit allows', async (t) => {
  const { scalar, string, container, key } = WEIGHTS
  const table: [value: string, weight: number][] = [
    ['1', scalar],
    ['null', scalar],
    ['""', string],
    ['[]', container],
    ['{}', container],
    ['{"a":0}', container + key + scalar],
  ]
  for (const [value, weight] of table) {
    const count = Math.floor((MAX_VALUE_BYTES - container) / weight)
    const most = `[${`${value},`.repeat(count - 1)}${value}`
    t.equal(statusOf(`${most}]`), 200, value)
    t.equal(statusOf(`${most},${value} x`), 413, `${value}, before an error`)
  }
  const long = `"${'x'.repeat(MAX_VALUE_BYTES / 4 + 100)}"`
  const count = Math.floor((MAX_VALUE_BYTES - container - string) / scalar)
  t.equal(statusOf(`[${long}${',1'.repeat(count + 10)}]`), 200, 'the limit is higher for a longer text')
})
