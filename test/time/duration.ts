import fc from 'fast-check'
import t from 'tap'
import { durationText, nonNegativeDuration, parseDuration } from '../../src/time/duration.js'
import { runs } from '../support/runs.js'

t.test('`parseDuration` accepts ISO 8601 durations without years or months, and forms such as 5m', async (t) => {
  const table: [text: string, ms: number | undefined][] = [
    ['PT30S', 30_000],
    ['PT0.25S', 250],
    ['-PT2H', -7_200_000],
    ['+P1D', 86_400_000],
    ['P1W', 604_800_000],
    ['P1DT1H1M1S', 90_061_000],
    ['250ms', 250],
    ['1.5s', 1500],
    ['5m', 300_000],
    ['2h', 7_200_000],
    ['P', undefined],
    ['PT', undefined],
    ['P1Y', undefined],
    ['P1M', undefined],
    ['P1DT', undefined],
    ['PT1S1M', undefined],
    ['30', undefined],
    ['30 s', undefined],
    ['-5s', undefined],
    ['1.001s', 1001],
    ['PT1.001001S', 1001.001],
    ['0.000001h', 3.6],
    ['98765432109877.001ms', 98765432109877],
    ['0.0001ms', undefined],
    ['PT0.0000001S', undefined],
    ['', undefined],
  ]
  for (const [text, ms] of table) t.equal(parseDuration(text), ms, text)
})

t.test('a duration of more than 10,000 years is as long as 10,000 years', async (t) => {
  const longest = 10_000 * 366 * 86_400_000
  for (const text of ['P3660000D', 'P3660001D', `P${'9'.repeat(400)}W`]) t.equal(parseDuration(text), longest, text)
  t.equal(parseDuration(`-PT${'9'.repeat(30)}S`), -longest)
})

t.test('`nonNegativeDuration` accepts zero and rejects a duration with a minus sign', async (t) => {
  t.equal(nonNegativeDuration('PT0S'), 0)
  for (const text of ['-PT1S', '-PT0S']) t.equal(nonNegativeDuration(text), undefined, text)
})

t.test(
  '`durationText` returns a text from which `parseDuration` returns the same number of microseconds',
  async (t) => {
    const micros = fc.oneof(fc.nat(), fc.nat(250 * 365 * 86_400_000_000))
    t.doesNotThrow(() =>
      fc.assert(
        fc.property(micros, (micros) => {
          const ms = parseDuration(durationText(micros / 1000)) as number
          // A multiplication by 1000 would not be exact.
          return Math.abs(ms - micros / 1000) < 0.0005
        }),
        runs(),
      ),
    )
    t.equal(durationText(0.1 + 0.2), '0.3ms')
  },
)
