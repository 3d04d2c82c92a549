// Writes the report, as Markdown.
import { cpus } from 'node:os'
import type { verdictsOn } from './budgets.js'
import { GENERATOR } from './load.js'
import { median, type Measures, type Series } from './measures.js'
import type { Subject } from './subjects.js'

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
export type Section = keyof typeof TITLES
type Verdicts = ReturnType<typeof verdictsOn>

/** Returns the circumstances of a run. */
export const circumstances = (quick: boolean, subjects: readonly Subject[]) => ({
  date: new Date().toISOString(),
  quick,
  node: process.versions.node,
  versions: Object.fromEntries(subjects.map(({ name, version }) => [name, version])),
  generator: GENERATOR,
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
})

/** Formats a number with three significant digits, or as an integer if it is large. */
const formatted = (number: number) =>
  number >= 1000 ? Math.round(number).toLocaleString('en') : String(Number(number.toPrecision(3)))

const tableOf = (head: readonly string[], rows: readonly (readonly string[])[]) =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')

function ratioOf(measures: Measures, { measure, subject, against }: Series): string {
  const ratio = against === undefined ? NaN : measures.ratio(measure, subject, against)
  if (Number.isNaN(ratio)) return ''
  return subject === against ? '1' : `${formatted(ratio)} × ${against}`
}

function sectionOf(name: string, measures: Measures): string {
  const all = measures.list.filter(({ section }) => section === name)
  const names = [...new Set(all.map(({ measure }) => measure))]
  const rows = names
    .flatMap((name) => all.filter(({ measure }) => measure === name))
    .map((series) => {
      const { measure, subject, samples, unit } = series
      const range = `${formatted(Math.min(...samples))}–${formatted(Math.max(...samples))}`
      return [measure, subject, `${formatted(median(samples))} ${unit}`, range, ratioOf(measures, series)]
    })
  return `### ${TITLES[name as Section]}\n\n${tableOf(['measure', 'subject', 'median', 'min–max', 'ratio'], rows)}`
}

function budgetTable(verdicts: Verdicts): string {
  const rows = verdicts.map(({ name, kind, budget, unit, measured, met }) => {
    return [name, `${kind} ${budget}${unit}`, `${formatted(measured)}${unit}`, met ? 'met' : '**missed**']
  })
  return `### Budgets\n\n${tableOf(['budget', 'promised', 'measured', ''], rows)}`
}

/** Returns the whole report. */
export function reportOf(
  { versions, date, node, cores, cpu, generator }: ReturnType<typeof circumstances>,
  measures: Measures,
  verdicts: Verdicts,
  notes: readonly string[],
): string {
  const sections = [...new Set(measures.list.map(({ section }) => section))]
  return [
    `## ionworks-mock ${versions.ours ?? ''}, measured`,
    `${date}, Node.js ${node}, ${cores} × ${cpu}, load by ${generator}`,
    ...(notes.length > 0 ? [notes.map((note) => `- ${note}`).join('\n')] : []),
    ...(verdicts.length > 0 ? [budgetTable(verdicts)] : []),
    ...sections.map((name) => sectionOf(name, measures)),
    'Medians. A ratio is the median of the ratios of all rounds.',
  ].join('\n\n')
}
