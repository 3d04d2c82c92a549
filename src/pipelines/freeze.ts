/** Freezes a value and all objects inside the value. Does not look inside an object that is already frozen. */
export function deepFreeze<T>(root: T): T {
  const rest: unknown[] = [root]
  while (rest.length > 0) {
    const value = rest.pop()
    if (typeof value !== 'object' || value === null || Object.isFrozen(value)) continue
    for (const inner of Object.values(Object.freeze(value))) rest.push(inner)
  }
  return root
}
