import type { Test } from 'tap'

/** Returns an array to which every warning of this process is added until the end of the test. */
export function collectWarnings(t: Test): readonly string[] {
  const warnings: string[] = []
  const onWarning = ({ name, message }: Error) => void warnings.push(`${name}: ${message}`)
  process.on('warning', onWarning)
  t.teardown(() => process.off('warning', onWarning))
  return warnings
}
