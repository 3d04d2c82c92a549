import { NOW } from '../../support/serve.js'
import { testControl, statuses } from '../../support/control.js'

testControl('`now` returns the time of the clock', async (t, mock) => {
  t.equal(await mock.clock.now(), NOW)
})

testControl('`advance` makes pipelines progress', async (t, mock) => {
  await mock.clock.advance('15s')
  t.equal(await statuses(mock, 'timed'), 'running completed running')
})

testControl('`resume` continues the clock from a frozen time', async (t, mock) => {
  await mock.clock.freeze('2027-01-01T00:00:00Z')
  t.equal(await mock.clock.now(), '2027-01-01T00:00:00Z')
  await mock.clock.resume()
  t.ok((await mock.clock.now()) >= '2027-01-01T00:00:00')
})
