import { runInNewContext } from 'node:vm'
import t from 'tap'
import { withoutTrailingSlashes } from '../../src/http/target.js'
import { LIMIT_MS } from '../support/until.js'

t.test('`withoutTrailingSlashes` removes all slashes at the end of a path, and no others', async (t) => {
  for (const [path, expected] of [
    ['', ''],
    ['/', ''],
    ['//', ''],
    ['/a', '/a'],
    ['/a/', '/a'],
    ['//a//b///', '//a//b'],
  ] as const)
    t.equal(withoutTrailingSlashes(path), expected, path)
})

t.test('the time of `withoutTrailingSlashes` is linear in the length of the path', async (t) => {
  const path = `${'/'.repeat(5_000_000)}x`
  // In quadratic time, the call would take hours. `timeout` stops the call with an error.
  const call = () => runInNewContext('call(path)', { call: withoutTrailingSlashes, path }, { timeout: LIMIT_MS })
  t.equal(call(), path)
})
