import t from 'tap'
import { JournalBudget } from '../../src/state/journal-budget.js'
import { type Entry, Journal, MAX_ENTRIES, NO_BODY } from '../../src/state/journal.js'
import { Memory } from '../../src/state/memory.js'
import { within } from '../support/until.js'

const entry = (id: number): Entry => ({
  id: String(id),
  at: '2026-10-01T12:00:00Z',
  method: 'GET',
  target: '/',
  rawHeaders: [],
  operation: 'cancel_pipeline',
  pipeline_id: null,
  body: NO_BODY,
  status: 200,
  fault: null,
  transitions: [],
  bytes: 0,
})

/** Returns a budget for `count` of the requests that `entry` returns. */
const budgetFor = (count: number) => new JournalBudget(new Memory((601 * count) / new Memory(1).limitOfJournals))

const idsIn = (journal: Journal) => journal.list().map(({ id }) => Number(id))

t.test('a journal keeps the most recent requests in their order', async (t) => {
  const journal = new Journal(budgetFor(Infinity))
  for (let i = 0; i < MAX_ENTRIES * 3.5; i++) {
    journal.add(entry(i))
    const ids = idsIn(journal)
    if (ids.length !== Math.min(i + 1, MAX_ENTRIES) || ids.at(-1) !== i) t.fail(`after request ${i}`)
  }
  t.strictSame(
    idsIn(journal),
    Array.from({ length: MAX_ENTRIES }, (_, i) => MAX_ENTRIES * 2.5 + i),
  )
  journal.clear()
  t.strictSame(idsIn(journal), [])
})

t.test('above the shared budget, the journal idle for the longest time drops its oldest request', async (t) => {
  const budget = budgetFor(4)
  const [one, other] = [new Journal(budget), new Journal(budget)]
  for (const id of [1, 2, 3]) one.add(entry(id))
  for (const id of [4, 5]) other.add(entry(id))
  t.strictSame(
    [idsIn(one), idsIn(other)],
    [
      [2, 3],
      [4, 5],
    ],
  )
  one.clear()
  for (const id of [6, 7, 8]) one.add(entry(id))
  t.strictSame([idsIn(one), idsIn(other)], [[6, 7, 8], [5]], 'cleared requests no longer count toward the budget')
  one.add(entry(9))
  t.strictSame([idsIn(one), idsIn(other)], [[6, 7, 8, 9], []])
})

t.test(
  'above the shared budget, a journal without requests drops nothing, and another journal drops a request',
  async (t) => {
    const budget = budgetFor(1)
    const [one, other] = [new Journal(budget), new Journal(budget)]
    one.add(entry(1))
    for (const id of [2, 3]) other.add(entry(id))
    t.strictSame([idsIn(one), idsIn(other)], [[], [3]])
  },
)

t.test('requests that a journal receives after it was cleared count toward the shared budget', async (t) => {
  const budget = budgetFor(2)
  const [one, other] = [new Journal(budget), new Journal(budget)]
  one.add(entry(1))
  one.clear()
  one.add(entry(2))
  for (const id of [3, 4]) other.add(entry(id))
  t.strictSame([idsIn(one), idsIn(other)], [[], [3, 4]])
})

t.test('a request that is larger than the shared budget is not kept', async (t) => {
  const journal = new Journal(budgetFor(0.5))
  journal.add(entry(1))
  t.strictSame(idsIn(journal), [])
})

t.test('every header of a request counts toward the shared budget', async (t) => {
  const journal = new Journal(budgetFor(10))
  journal.add(entry(1))
  journal.add({ ...entry(2), rawHeaders: Array.from({ length: 200 }, () => 'x') })
  t.strictSame(idsIn(journal), [2])
})

t.test('a cleared journal keeps new requests in their order', async (t) => {
  const journal = new Journal(budgetFor(MAX_ENTRIES * 2))
  for (let i = 0; i < MAX_ENTRIES * 5; i++) journal.add(entry(i))
  journal.clear()
  for (let i = 0; i < 10; i++) journal.add(entry(i))
  t.strictSame(idsIn(journal), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
})

t.test('`waitFor` resolves when its client disconnects', async (t) => {
  const journal = new Journal(budgetFor(Infinity))
  const leaving = new AbortController()
  const waiting = journal.waitFor({ status: 200 }, 60_000, leaving.signal)
  leaving.abort()
  t.equal(await within('the end of the wait', waiting), 'disconnected')
})

t.test('`waitFor` ignores a request that was cleared from the journal', async (t) => {
  const journal = new Journal(budgetFor(Infinity))
  const held = entry(1)
  held.status = null
  journal.add(held)
  journal.clear()
  const waiting = journal.waitFor({ status: 200 }, 60_000)
  journal.setStatus(held, 200)
  journal.endWaits('sandbox_dropped')
  t.equal(await within('the end of the wait', waiting), 'sandbox_dropped')
})

t.test('`waitFor` resolves with the first matching request', async (t) => {
  const journal = new Journal(budgetFor(Infinity))
  const waiting = [journal.waitFor({ status: 503 }, 1000), journal.waitFor({}, 1000)]
  const first = entry(1)
  first.status = null
  journal.add(first)
  t.equal(await within('the first wait', Promise.resolve(waiting[1])), first)
  journal.setStatus(first, 503)
  t.equal(await within('the second wait', Promise.resolve(waiting[0])), first)
  t.equal(await journal.waitFor({ status: 200 }, 1), 'timed_out')
})
