const MAX_SHOWN = 10

/** Prints the result of each check, and collects the titles of failed checks. */
export class Report {
  checks = 0
  readonly failed: string[] = []
  #part = ''

  /** Starts a part of the report. In `failed`, the name of the part precedes the titles of its checks. */
  begin(part: string): void {
    this.#part = part
    console.log(`# ${part}`)
  }

  /** Prints a check and at most `MAX_SHOWN` of its issues. A check without issues has passed. */
  check(title: string, issues: readonly string[] = []): void {
    this.checks++
    console.log(`${issues.length === 0 ? 'ok' : 'not ok'} ${title}`)
    for (const issue of issues.slice(0, MAX_SHOWN)) console.log(`  ${issue}`)
    if (issues.length > MAX_SHOWN) console.log(`  and ${issues.length - MAX_SHOWN} more`)
    if (issues.length > 0) this.failed.push(this.#part ? `${this.#part}: ${title}` : title)
  }

  /** Runs a check. The check has passed if the promise that `use` returns resolves. */
  async run(title: string, use: () => Promise<unknown>): Promise<void> {
    const issues = await use().then(
      () => [],
      (error: unknown) => [(error as Error).message],
    )
    this.check(title, issues)
  }

  /** Prints a line of information that does not affect the result. */
  note(text: string): void {
    console.log(`  ${text}`)
  }
}

/** Counts equal values, and returns text such as `3 × 200, 1 × 400`. */
export function tally(values: Iterable<unknown>): string {
  const counts = new Map<string, number>()
  for (const value of values) counts.set(String(value), (counts.get(String(value)) ?? 0) + 1)
  const parts = [...counts].sort(([a], [b]) => a.localeCompare(b)).map(([value, count]) => `${count} × ${value}`)
  return parts.join(', ') || 'nothing'
}

/** Returns the time that has passed since `since`, as text such as `1.5 s`. `since` is from `performance.now()`. */
export const inSeconds = (since: number) => `${((performance.now() - since) / 1000).toFixed(1)} s`

export const inMB = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MB`

/**
 * Returns bytes as a string literal on one line. If the literal is longer than `most` characters, truncates the
 * literal and appends the number of bytes.
 */
export function shown(bytes: string | Buffer, most = 160): string {
  const literal = JSON.stringify(typeof bytes === 'string' ? bytes : bytes.toString('latin1'))
  return literal.length > most ? `${literal.slice(0, most)}… (${bytes.length} bytes)` : literal
}
