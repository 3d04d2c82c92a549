import fc from 'fast-check'
import t from 'tap'
import { compareInstants, instantAt, later, laterOf, millisecondsFrom, parseInstant } from '../../src/time/instant.js'
import { runs } from '../support/runs.js'

t.test('`parseInstant` accepts only existing times in the format of RFC 3339', async (t) => {
  for (const text of [
    '2026-09-14',
    '2026-09-14T08:15:30',
    '2026-09-14T08:15Z',
    '2026-02-30T00:00:00Z',
    '2026-02-29T00:00:00Z',
    '2026-01-00T00:00:00Z',
    '2026-01-01T00:00:00Zulu',
    '2026-13-01T00:00:00Z',
    '2026-01-01T24:00:00Z',
    '2026-01-01T00:60:00Z',
    '2026-01-01T00:00:00+99:00',
    '2026-01-01T00:00:00.Z',
    '2026-01-01T00:00:00.1234567890Z',
    '+002026-01-01T00:00:00Z',
    'year-01-01T00:00:00Z',
    '9999-12-31T23:59:59-01:00',
    '0000-01-01T00:00:00+01:00',
    '',
    'now',
  ])
    t.equal(parseInstant(text), undefined, text)
  t.equal(parseInstant('2024-02-29T23:59:59.000001-23:59'), '2024-03-01T23:58:59.000001Z')
  t.equal(parseInstant('2026-01-01T01:00:00.123456+01:00'), '2026-01-01T00:00:00.123456Z')
  t.equal(parseInstant('0000-01-01T00:00:00Z'), '0000-01-01T00:00:00Z')
})

t.test('`parseInstant` accepts a day exactly if the day exists', async (t) => {
  const years = ['0000', '0004', '0100', '1900', '2000', '2023', '2024', '2026', '2100', '9996', '9999']
  const two = (number: number) => String(number).padStart(2, '0')
  const wrong: string[] = []
  for (const year of years)
    for (let month = 0; month <= 13; month++)
      for (let day = 0; day <= 32; day++) {
        const date = `${year}-${two(month)}-${two(day)}`
        const ms = Date.parse(`${date}T12:00:00Z`)
        const exists = !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(date)
        for (const zone of ['Z', 'z'])
          if ((parseInstant(`${date}T12:00:00${zone}`) !== undefined) !== exists) wrong.push(date + zone)
      }
  t.strictSame(wrong, [])
})

t.test('`instantAt` returns a time with six decimals or with none', async (t) => {
  t.equal(instantAt(0), '1970-01-01T00:00:00Z')
  t.equal(instantAt(1), '1970-01-01T00:00:00.001000Z')
  t.equal(instantAt(Number.NaN), undefined)
  t.equal(instantAt(1e15), undefined)
})

t.test('`compareInstants` orders instants by time', async (t) => {
  const ms = fc.integer({ min: Date.parse('2000-01-01T00:00:00Z'), max: Date.parse('2000-01-01T00:00:02Z') })
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(ms, ms, (a, b) => {
        const [x, y] = [instantAt(a) as string, instantAt(b) as string]
        return Math.sign(compareInstants(x, y)) === Math.sign(a - b) && laterOf(x, y) === instantAt(Math.max(a, b))
      }),
      runs(),
    ),
  )
})

t.test('`later` and `millisecondsFrom` are exact to the microsecond', async (t) => {
  const micros = fc.integer({ min: -5_000_000_000, max: 5_000_000_000 })
  const at = (micros: number) =>
    instantAt(Math.floor(micros / 1000), micros - 1000 * Math.floor(micros / 1000)) as string
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(
        micros,
        micros,
        (from, to) =>
          later(at(from), (to - from) / 1000) === at(to) &&
          Math.round(millisecondsFrom(at(from), at(to)) * 1000) === to - from,
      ),
      { ...runs(), examples: [[999, 1000]] },
    ),
  )
})
