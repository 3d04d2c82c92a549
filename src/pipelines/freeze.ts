/** Freezes a value and everything in it. A frozen value is assumed to be deeply frozen. */
export function deepFreeze<T>(root: T): T {
  const rest: unknown[] = [root]
  while (rest.length > 0) {
    const value = rest.pop()
    if (typeof value !== 'object' || value === null || Object.isFrozen(value)) continue
    for (const inner of Object.values(Object.freeze(value))) rest.push(inner)
  }
  return root
}
