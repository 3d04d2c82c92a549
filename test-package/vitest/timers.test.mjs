import * as mock from 'ionworks-mock'
import { test, vi } from 'vitest'
import { withFakeTimers } from '../story.cjs'

test('the package works with fake timers', async () => {
  vi.useFakeTimers()
  await withFakeTimers(mock)
  vi.useRealTimers()
})
