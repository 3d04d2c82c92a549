import { BLOCKED, MEMORY, PARSED, SMALL_MEMORY } from './bodies.js'
import { ALL_IDS, FIRST, ONE_ID } from './growth.js'
import type { Measures } from './measures.js'
import { onNode24 } from './subjects.js'

type Value = (measures: Measures) => number
type Budget = readonly [name: string, kind: 'at least' | 'at most', budget: number, unit: string, value: Value]

const [FEW, MANY] = ['10 pipelines', '100,000 pipelines']

const median =
  (measure: string, subject: string): Value =>
  (measures) =>
    measures.median(measure, subject)
const ratio =
  (measure: string, subject: string, against: string): Value =>
  (measures) =>
    measures.ratio(measure, subject, against)

/**
 * Returns two budgets that compare two servers under load: one for requests per second, one for processor time per
 * request. Unlike requests per second, processor time does not include the time in which other programs run.
 */
const underLoad = (least: number, ours: string, other: string): Budget[] => [
  [`requests/s, 16 conn.: ${ours} / ${other}`, 'at least', least, ' ×', ratio('requests/s, 16 conn.', ours, other)],
  [
    `CPU per request, 16 conn.: ${other} / ${ours}`,
    'at least',
    least,
    ' ×',
    ratio('CPU per request, 16 conn.', other, ours),
  ],
]

/** Returns the largest value of all request bodies, or NaN if no body was measured. */
const worstBody =
  (valueOf: (medianOf: (subject: string) => number) => number): Value =>
  (measures) => {
    const bodies = measures.list.filter(({ section }) => section === 'bodies').map(({ measure }) => measure)
    const values = bodies.map((body) => valueOf((subject) => measures.median(body, subject)))
    return values.length === 0 ? NaN : Math.max(...values)
  }

const WITH_SMALL_HEAP = 'memory of a request body, small heap, all shapes'

const HEAP = median('heap of an untouched sandbox', 'ours')

const BUDGETS: readonly Budget[] = [
  ...underLoad(0.85, 'ours', 'fastify'),
  ...underLoad(0.7, onNode24('ours'), onNode24('bare')),
  ...underLoad(15, 'ours', 'prism'),
  ...underLoad(40, 'ours', 'mockoon'),
  ['process start: ours / bare', 'at most', 2.5, ' ×', ratio('process start to first response', 'ours', 'bare')],
  [
    'test file, spawn to first cancel: ours / fastify',
    'at most',
    1.15,
    ' ×',
    ratio('test file, spawn to first cancel', 'ours', 'fastify'),
  ],
  ['memory at rest: ours / bare', 'at most', 1.6, ' ×', ratio('resident memory at rest', 'ours', 'bare')],
  ['startMock(), warm', 'at most', 10, ' ms', median('startMock(), warm', 'ours')],
  ...[ONE_ID, ALL_IDS, FIRST].map((name): Budget => [
    `${name}: ${MANY} / ${FEW}`,
    'at most',
    1.15,
    ' ×',
    ratio(name, MANY, FEW),
  ]),
  [`reset after 1,000 cancels: ${MANY}`, 'at most', 1, ' ms', median('reset after 1,000 cancels', MANY)],
  ['heap per untouched sandbox, with 10,000 of them', 'at most', 2, ' KiB', (measures) => HEAP(measures) / 1024],
  ...[`${MANY} of 5 elements`, `${MANY} of 5 elements, with every key`].map((name): Budget => [
    `seeding ${name}: startMock() / JSON.parse`,
    'at most',
    4,
    ' ×',
    ratio(name, 'startMock()', 'JSON.parse'),
  ]),
  [
    'blocked loop, all shapes of bodies: more than 2 × JSON.parse',
    'at most',
    100,
    ' ms',
    worstBody((medianOf) => medianOf(BLOCKED) - 2 * medianOf(PARSED)),
  ],
  ['memory of a request body, all shapes', 'at most', 10, ' × 16 MiB', worstBody((medianOf) => medianOf(MEMORY))],
  [WITH_SMALL_HEAP, 'at most', 10, ' × 16 MiB', worstBody((medianOf) => medianOf(SMALL_MEMORY))],
]

/**
 * Compares the measurements with the budgets. Skips budgets without a measurement, for example after `--only`. If
 * `isRequired` is true, the benchmark fails if the measurement misses the budget.
 */
export const verdictsOn = (measures: Measures) =>
  BUDGETS.map(([name, kind, budget, unit, value]) => {
    const measured = value(measures)
    const met = kind === 'at most' ? measured <= budget : measured >= budget
    return { name, budget, kind, unit, measured, met, isRequired: name === WITH_SMALL_HEAP }
  }).filter(({ measured }) => !Number.isNaN(measured))
