// The result as markdown.
import { median } from './measures.js'

/** Three digits that count, or all of a larger number. */
const shown = (number) =>
  number >= 1000 ? Math.round(number).toLocaleString('en') : String(Number(number.toPrecision(3)))

const tableOf = (head, rows) =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')

const TITLES = {
  load: 'Under load',
  start: 'Start of the process',
  memory: 'Memory',
  startMock: 'Start in a test',
  reset: 'Reset',
  sandboxes: 'Sandboxes',
  seeding: 'Seeding',
  growth: 'When there is more',
}

function sectionOf(name, measures) {
  const own = measures.list.filter(({ section }) => section === name)
  const names = [...new Set(own.map(({ measure }) => measure))]
  const rows = names.flatMap((measure) =>
    own
      .filter((one) => one.measure === measure)
      .map(({ subject, unit, samples, against }) => [
        measure,
        subject,
        `${shown(median(samples))} ${unit}`,
        `${shown(Math.min(...samples))}–${shown(Math.max(...samples))}`,
        ratioOf(measures, measure, subject, against),
      ]),
  )
  return `### ${TITLES[name]}\n\n${tableOf(['measure', 'subject', 'median', 'min–max', 'ratio'], rows)}`
}

function ratioOf(measures, measure, subject, against) {
  const ratio = against && measures.ratio(measure, subject, against)
  if (ratio === undefined) return ''
  return subject === against ? '1' : `${shown(ratio)} × ${against}`
}

const budgetTable = (budgets) =>
  tableOf(
    ['budget', 'promised', 'measured', ''],
    budgets.map(({ name, kind, budget, unit, measured, met }) => [
      name,
      `${kind} ${budget}${unit}`,
      `${shown(measured)}${unit}`,
      met ? 'met' : '**missed**',
    ]),
  )

/** The whole report. */
export function reportOf({ about, measures, budgets, notes }) {
  const sections = [...new Set(measures.list.map(({ section }) => section))]
  return [
    `## ionworks-mock ${about.versions.ours}, measured\n\n${about.date}, Node.js ${about.node}, ${about.cores} × ${about.cpu}, load by ${about.generator}`,
    ...(notes.length > 0 ? [notes.map((note) => `- ${note}`).join('\n')] : []),
    ...(budgets.length > 0 ? [`### Budgets\n\n${budgetTable(budgets)}`] : []),
    ...sections.map((name) => sectionOf(name, measures)),
    'Medians; a ratio is the median of those of each round.',
  ].join('\n\n')
}
