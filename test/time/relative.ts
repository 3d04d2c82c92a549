import t from 'tap'
import { isTime, resolveTime } from '../../src/time/relative.js'

const START = '2026-10-01T12:00:00Z'

t.test('`resolveTime` accepts an absolute time, and a time relative to the start', async (t) => {
  t.equal(resolveTime('-PT2H', START), '2026-10-01T10:00:00Z')
  t.equal(resolveTime('+P1D', START), '2026-10-02T12:00:00Z')
  t.equal(resolveTime('2026-09-14T10:15:30+02:00', START), '2026-09-14T08:15:30Z')
  for (const text of ['2h', '-P', 'a while ago', ''])
    t.strictSame([resolveTime(text, START), isTime(text)], [undefined, false], text)
})

t.test('`resolveTime` rejects a time outside the years 0 to 9999', async (t) => {
  t.equal(resolveTime('P250000D', START), '2711-03-25T12:00:00Z')
  for (const text of ['P9999999D', '-P9999999D', '9999-12-31T23:59:59-01:00']) {
    t.equal(resolveTime(text, START), undefined, text)
    t.equal(isTime(text), text.includes('P'), 'a duration is valid, because its result is in range for some start')
  }
})
