import { setTimeout as sleep } from 'node:timers/promises'

/** Longer than anything takes on a busy machine: a wait that reaches it has found a defect. */
export const LIMIT_MS = 30_000

/** Polls until `isSo` returns true. Rejects at the limit, and says what did not happen. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>, limitMs = LIMIT_MS): Promise<void> {
  const end = performance.now() + limitMs
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`waited ${limitMs} ms in vain: ${what}`)
    await sleep(2)
  }
}

/** Resolves as `promise` does. Rejects at the limit, and says what did not happen. */
export async function within<T>(what: string, promise: PromiseLike<T>, limitMs = LIMIT_MS): Promise<T> {
  const timer = new AbortController()
  const late = sleep(limitMs, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`waited ${limitMs} ms in vain: ${what}`)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    late.catch(() => undefined)
    timer.abort()
  }
}
