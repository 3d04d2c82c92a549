const { withFakeTimers } = require('../story.cjs')
const mock = require('ionworks-mock')

test('the package works with fake timers', async () => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] })
  await withFakeTimers(mock)
  jest.useRealTimers()
})
