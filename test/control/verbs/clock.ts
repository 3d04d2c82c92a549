import { NOW } from '../../support/serve.js'
import { everyWay, statuses } from '../../support/ways.js'

everyWay('now returns the time of the clock', async (t, mock) => {
  t.equal(await mock.clock.now(), NOW)
})

everyWay('advance moves pipelines on', async (t, mock) => {
  await mock.clock.advance('15s')
  t.equal(await statuses(mock, 'timed'), 'running completed running')
})

everyWay('resume runs the clock on from a frozen time', async (t, mock) => {
  await mock.clock.freeze('2027-01-01T00:00:00Z')
  t.equal(await mock.clock.now(), '2027-01-01T00:00:00Z')
  await mock.clock.resume()
  t.ok((await mock.clock.now()) >= '2027-01-01T00:00:00')
})
