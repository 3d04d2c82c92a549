import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Default time limit of a wait. Without a defect, each wait with this limit takes much less time, even on a busy
 * machine.
 */
export const LIMIT_MS = 30_000

/** Polls until `condition` returns true. At the time limit, rejects with a message that contains `expected`. */
export async function until(
  expected: string,
  condition: () => boolean | Promise<boolean>,
  limitMs = LIMIT_MS,
): Promise<void> {
  const end = performance.now() + limitMs
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`timed out after ${limitMs} ms, waiting for: ${expected}`)
    await sleep(2)
  }
}

/** Resolves or rejects as `promise` does. At the time limit, rejects with a message that contains `expected`. */
export async function within<T>(expected: string, promise: PromiseLike<T>, limitMs = LIMIT_MS): Promise<T> {
  const timer = new AbortController()
  const timeout = sleep(limitMs, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`timed out after ${limitMs} ms, waiting for: ${expected}`)
  })
  try {
    return await Promise.race([promise, timeout])
  } finally {
    timeout.catch(() => undefined)
    timer.abort()
  }
}
