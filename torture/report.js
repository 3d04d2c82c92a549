import { console } from './globals.js'
import { performance } from 'node:perf_hooks'

const MOST_TOLD = 10

/** Collects what was found, and tells it as it comes. */
export class Report {
  checks = 0
  failed = []
  #part = ''

  begin(part) {
    this.#part = part
    console.log(`# ${part}`)
  }

  /** Tells what was tried, how often and what happened; each fault is a line of its own. */
  check(what, faults) {
    this.checks++
    console.log(`${faults.length === 0 ? 'ok' : 'not ok'} ${what}`)
    for (const fault of faults.slice(0, MOST_TOLD)) console.log(`  ${fault}`)
    if (faults.length > MOST_TOLD) console.log(`  and ${faults.length - MOST_TOLD} more`)
    if (faults.length > 0) this.failed.push(`${this.#part}: ${what}`)
  }

  /** What is worth knowing, and no fault. */
  note(text) {
    console.log(`  ${text}`)
  }
}

/** How often each was seen, as `3 times 200, 1 times 400`. */
export function tally(values) {
  const counts = new Map()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  const told = [...counts].sort(([a], [b]) => String(a).localeCompare(String(b)))
  return told.map(([value, count]) => `${count} times ${value}`).join(', ') || 'nothing'
}

export const inSeconds = (since) => `${((performance.now() - since) / 1000).toFixed(1)} s`

export const inMB = (bytes) => `${(bytes / 2 ** 20).toFixed(1)} MB`

/** A text that fits on a line, and can be pasted into a program. */
export function shown(bytes, most = 160) {
  const text = JSON.stringify(typeof bytes === 'string' ? bytes : bytes.toString('latin1'))
  return text.length > most ? `${text.slice(0, most)}… (${bytes.length} bytes)` : text
}
