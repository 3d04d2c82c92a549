const MAX_SHOWN = 10

/** Prints the result of each check as it comes, and collects those that failed. */
export class Report {
  checks = 0
  readonly failed: string[] = []
  #part = ''

  /** Begins a part, whose name is put before what fails in it. */
  begin(part: string): void {
    this.#part = part
    console.log(`# ${part}`)
  }

  /** Prints what was tried, how often and what happened. A check without issues has passed. */
  check(what: string, issues: readonly string[] = []): void {
    this.checks++
    console.log(`${issues.length === 0 ? 'ok' : 'not ok'} ${what}`)
    for (const issue of issues.slice(0, MAX_SHOWN)) console.log(`  ${issue}`)
    if (issues.length > MAX_SHOWN) console.log(`  and ${issues.length - MAX_SHOWN} more`)
    if (issues.length > 0) this.failed.push(this.#part ? `${this.#part}: ${what}` : what)
  }

  /** Prints something worth knowing that is neither right nor wrong. */
  note(text: string): void {
    console.log(`  ${text}`)
  }
}

/** How often each value occurs, as `3 × 200, 1 × 400`. */
export function tally(values: Iterable<unknown>): string {
  const counts = new Map<string, number>()
  for (const value of values) counts.set(String(value), (counts.get(String(value)) ?? 0) + 1)
  const parts = [...counts].sort(([a], [b]) => a.localeCompare(b)).map(([value, count]) => `${count} × ${value}`)
  return parts.join(', ') || 'nothing'
}

export const inSeconds = (since: number) => `${((performance.now() - since) / 1000).toFixed(1)} s`

export const inMB = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MB`

/** The bytes as a string literal on one line, cut after `most` characters. */
export function shown(bytes: string | Buffer, most = 160): string {
  const literal = JSON.stringify(typeof bytes === 'string' ? bytes : bytes.toString('latin1'))
  return literal.length > most ? `${literal.slice(0, most)}… (${bytes.length} bytes)` : literal
}
