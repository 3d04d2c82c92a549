import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { jsonPieces } from '../../src/api/json-pieces.js'
import { startMock } from '../../src/index.js'
import { runs } from '../support/runs.js'

const piecesOf = (value: unknown) => [...jsonPieces(value)]

/** Generates strings around the length of a piece, with characters that `JSON.stringify` escapes, and with surrogates. */
const long = fc
  .tuple(fc.constantFrom('x', '🔋', '\ud83d', '\udd0b', '\ud83dx', '\n'), fc.nat(3), fc.integer({ min: -3, max: 3 }))
  .map(([part, times, more]) => 'y'.repeat(32_768 + more) + part.repeat(20_000 * times) + 'z')
const value = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.jsonValue(),
    fc.oneof({ arbitrary: fc.string({ unit: 'binary' }), weight: 5 }, { arbitrary: long, weight: 1 }),
    fc.array(tie('value')),
    fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('1', '0', '__proto__')), tie('value')),
  ),
})).value

t.test('the pieces of a value are the text that `JSON.stringify` returns', async (t) => {
  const property = fc.property(value, (value) => assert.equal(piecesOf(value).join(''), JSON.stringify(value)))
  fc.assert(property, runs(2))
  const deep = JSON.parse('['.repeat(960) + ']'.repeat(960))
  t.equal(piecesOf(deep).join(''), JSON.stringify(deep))
})

t.test('each piece of a large value is short', async (t) => {
  const values = {
    'a string': 'x'.repeat(1_000_000),
    'a string of emoji': '🔋'.repeat(500_000),
    numbers: Array.from({ length: 250_000 }, (_, i) => i % 1000),
    'an object': Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`key${i}`, null])),
    'nested arrays': Array.from({ length: 1000 }, () => JSON.parse('['.repeat(500) + ']'.repeat(500))),
  }
  for (const [name, value] of Object.entries(values)) {
    const lengths = piecesOf(value).map(({ length }) => length)
    t.ok(lengths.length > 20, name)
    t.ok(Math.max(...lengths) < 70_000, name)
  }
})

t.test('other requests can run while the response to a large creation is written', async (t) => {
  const mock = await startMock({ listen: false })
  t.teardown(() => mock.close())
  let turns = 0
  let isOver = false
  const count = () => {
    turns++
    if (!isOver) setImmediate(count)
  }
  count()
  const payload = { project_id: 'p', elements: { a: { element_type: 'entry', text: 'x'.repeat(2_000_000) } } }
  const { statusCode } = await mock.inject({ method: 'POST', url: '/pipelines', payload })
  isOver = true
  t.equal(statusCode, 201)
  t.ok(turns > 60, `${turns} turns`)
})
