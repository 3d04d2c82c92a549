// What was promised, beside what was measured.
import { ALL_IDS, FIRST, ONE_ID } from './growth.js'
import { onNode24 } from './subjects.js'

const RPS = 'requests/s, 16 conn.'
const CPU = 'CPU per request, 16 conn.'
const START = 'process start to first answer'
const [FEW, MANY] = ['10 pipelines', '100,000 pipelines']

/** `least` or `most` is the budget; without a value it was not measured. */
const BUDGETS = [
  ...[
    ['ours', 'fastify', 0.85],
    [onNode24('ours'), onNode24('bare'), 0.7],
    ['ours', 'prism', 15],
    ['ours', 'mockoon', 40],
  ].flatMap(([ours, subject, least]) => [
    { name: `requests/s, of ${subject}`, least, value: (m) => m.ratio(RPS, ours, subject) },
    // Much less depends on what else the machine does.
    { name: 'the same by CPU per request', least, value: (m) => m.ratio(CPU, subject, ours) },
  ]),
  { name: 'process start, of bare', most: 2.5, value: (m) => m.ratio(START, 'ours', 'bare') },
  {
    name: 'memory at rest, of bare',
    most: 1.6,
    value: (m) => m.ratio('resident memory at rest', 'ours', 'bare'),
  },
  { name: 'startMock(), warm', most: 10, unit: ' ms', value: (m) => m.median('startMock(), warm', 'ours') },
  ...[ONE_ID, ALL_IDS, FIRST].map((measure) => ({
    name: `${measure}: ${MANY} against ${FEW}`,
    most: 1.15,
    value: (m) => m.ratio(measure, MANY, FEW),
  })),
  {
    name: `reset with ${MANY}, 1,000 of them touched`,
    most: 1,
    unit: ' ms',
    value: (m) => m.median('reset after 1,000 cancels', MANY),
  },
  {
    name: 'untouched sandbox, of 10,000 in one process',
    most: 2,
    unit: ' KB',
    value: (m) => m.median('heap of an untouched sandbox', 'ours') / 1024,
  },
  ...[`${MANY} of 5 elements`, `${MANY} of 5 elements, every key written`].map((measure) => ({
    name: `seeding ${measure}, of JSON.parse`,
    most: 4,
    value: (m) => m.ratio(measure, 'startMock()', 'JSON.parse'),
  })),
]

/** All budgets of what was measured, and whether they are met. */
export function budgetsOf(measures) {
  return BUDGETS.flatMap(({ name, least, most, unit = ' ×', value }) => {
    const measured = value(measures)
    if (measured === undefined || Number.isNaN(measured)) return []
    const met = least === undefined ? measured <= most : measured >= least
    return [{ name, budget: least ?? most, kind: least === undefined ? 'at most' : 'at least', unit, measured, met }]
  })
}
