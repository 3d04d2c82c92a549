import t from 'tap'
import { nonNegativeDuration, resolveTime } from '../../src/time/relative.js'

const START = '2026-10-01T12:00:00Z'

t.test('`resolveTime` accepts an absolute time, and a time relative to the start', async (t) => {
  t.equal(resolveTime('-PT2H', START), '2026-10-01T10:00:00Z')
  t.equal(resolveTime('+P1D', START), '2026-10-02T12:00:00Z')
  t.equal(resolveTime('2026-09-14T10:15:30+02:00', START), '2026-09-14T08:15:30Z')
  for (const text of ['2h', '-P', 'a while ago', '']) t.equal(resolveTime(text, START), undefined, text)
})

t.test('the limit for a relative time and for a duration is 91,500 days (250 years of 366 days)', async (t) => {
  t.equal(resolveTime('-P91500D', START), '1776-03-25T12:00:00Z')
  t.equal(resolveTime('-P91501D', START), undefined)
  t.equal(nonNegativeDuration('P91500D'), 91_500 * 86_400_000)
  t.equal(nonNegativeDuration('P91501D'), undefined)
})

t.test('`nonNegativeDuration` accepts zero and rejects a negative duration', async (t) => {
  t.equal(nonNegativeDuration('PT0S'), 0)
  t.equal(nonNegativeDuration('-PT1S'), undefined)
})
