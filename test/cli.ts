import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { get } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { help } from '../src/help.js'
import { run, start } from './fixtures/command.js'
import { asker, serve } from './fixtures/serve.js'

const { version } = JSON.parse(readFileSync('package.json', 'utf8'))

const startJson = async (t: Test, ...args: string[]) => {
  const started = await start(t, ['--port', '0', '--json', ...args])
  return { ...started, event: JSON.parse(started.ready) }
}

t.test('--help and --version print to standard output and stop', async (t) => {
  t.strictSame(await run(t, ['--help']), { out: `${help()}\n`, err: '', code: 0 })
  t.strictSame(await run(t, ['--version']), { out: `${version}\n`, err: '', code: 0 })
})

t.test('start tells people the URL, what was seeded from where, and a line to try that is true', async (t) => {
  const { child, ready, ended } = await start(t, ['--port', '0', '--log-level', 'warn'])
  const [, url = ''] = /listens on (\S+)/.exec(ready) ?? []
  t.equal(
    ready,
    `ionworks-mock ${version} listens on ${url}\n` +
      'It holds 13 pipelines and 25 elements from the shipped battery lab.\n' +
      `Try: curl -X POST ${url}/pipelines/0d9f7a52-3c7b-4f0e-8a41-6b2f5c9e1d34/cancel\n`,
  )
  const ask = await asker(url)
  t.equal((await ask('POST', '/pipelines/0d9f7a52-3c7b-4f0e-8a41-6b2f5c9e1d34/cancel')).json().status, 'canceled')
  child.kill('SIGTERM')
  t.match(await ended, { code: 0, err: '' })
})

t.test('start names the fixtures it was given, and has nothing to try where there is nothing', async (t) => {
  const folder = t.testdir({ 'a.yaml': 'pipelines: [{ name: a, id: "a b" }]', 'b.json': '{"pipelines":[]}' })
  const a = await start(t, ['--port=0', '--fixtures', `${folder}/a.yaml`, '--fixtures', `${folder}/b.json`])
  t.match(a.ready, `It holds 1 pipeline and 0 elements from ${folder}/a.yaml, ${folder}/b.json.\n`)
  t.match(a.ready, '/pipelines/a%20b/cancel\n')
  const b = await start(t, ['--port=0'], { env: { IONWORKS_MOCK_FIXTURES: `${folder}/b.json` } })
  t.match(b.ready, 'It holds 0 pipelines and 0 elements')
  t.notMatch(b.ready, 'Try:')
})

t.test('--json prints one line when ready; the log goes to standard error, a line for a request', async (t) => {
  const { child, event, ended } = await startJson(t)
  t.strictSame(event, {
    event: 'ready',
    url: `http://127.0.0.1:${event.port}`,
    port: event.port,
    pid: child.pid,
    version,
  })
  const { headers } = await fetch(`${event.url}/pipelines/nobody/cancel?x=1`, { method: 'POST' })
  child.kill('SIGINT')
  const { code, out, err } = await ended
  t.strictSame([code, out.split('\n').length], [0, 2])
  const lines = err
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  t.match(
    lines.filter(({ path }) => path),
    [
      {
        method: 'POST',
        path: '/pipelines/nobody/cancel',
        status: 422,
        duration_ms: Number,
        correlation_id: headers.get('x-correlation-id'),
      },
    ],
  )
})

t.test('on a terminal the log is for people', async (t) => {
  const { child, ready, ended } = await start(t, ['--port', '0', '--json'], {
    imports: ['data:text/javascript,process.stderr.isTTY=true'],
  })
  await fetch(`${JSON.parse(ready).url}/healthz`)
  child.kill('SIGTERM')
  const { err } = await ended
  t.match(err, /INFO.*GET \/healthz 200 answered/)
  t.throws(() => JSON.parse(err.split('\n')[0] as string))
})

t.test('options reach the mock, by flag and by variable', async (t) => {
  const { event } = await startJson(t, '--strict', '--unknown-pipeline', '404', '--require-key', '--log-level=silent')
  const ask = await asker(event.url)
  const key = { headers: { 'x-api-key': 'k' } }
  t.equal((await ask('POST', '/pipelines/nobody/cancel')).status, 401)
  t.equal((await ask('POST', '/pipelines/nobody/cancel', key)).status, 404)
  t.equal(Object.keys((await ask('GET', '/pipelines/0d9f7a52-3c7b-4f0e-8a41-6b2f5c9e1d34', key)).json()).length, 13)

  const env = { IONWORKS_MOCK_PORT: '0', IONWORKS_MOCK_JSON: '1', IONWORKS_MOCK_UNKNOWN_PIPELINE: '404' }
  const byVariables = await start(t, ['start'], { env })
  t.equal((await (await asker(JSON.parse(byVariables.ready).url))('GET', '/pipelines/nobody')).status, 404)
})

t.test('a stop finishes what is in flight, lets go of what is idle, and exits with 0', async (t) => {
  const folder = t.testdir({
    'a.json': JSON.stringify({
      pipelines: [{ id: 'a', name: 'a', elements: [{ name: 'e', result: { text: 'x'.repeat(20_000_000) } }] }],
    }),
  })
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    const { child, event, ended } = await startJson(t, '--fixtures', folder)
    const idle = connect(event.port, '127.0.0.1')
    await once(idle, 'connect')
    const [answer] = await once(get(`${event.url}/pipelines/a/elements`, { agent: false }), 'response')
    child.kill(signal)
    await once(idle, 'close')
    await t.rejects(fetch(event.url), 'nothing new is accepted')
    t.equal(JSON.parse(await text(answer))[0].result.text.length, 20_000_000, `${signal}: the whole answer`)
    const answered = performance.now()
    t.match(await ended, { code: 0, signal: null })
    t.ok(performance.now() - answered < 1000, `${signal}: it ended within a second of the last answer`)
  }
})

t.test('what is still open after the grace is cut', async (t) => {
  const { child, event, ended } = await startJson(t, '--grace', '100ms')
  const half = connect(event.port, '127.0.0.1')
  await once(half, 'connect')
  half.write('POST /pipelines/a/cancel HTTP/1.1\r\nhost:')
  await fetch(`${event.url}/healthz`, { headers: { connection: 'close' } })
  const cut = once(half, 'close')
  child.kill('SIGTERM')
  await cut
  t.match(await ended, { code: 0 })
})

t.test('what is wrong with options is exit code 2, and said', async (t) => {
  t.strictSame(await run(t, ['--prot', '1', '--strict=maybe']), {
    out: '',
    err:
      '--prot: there is no such option; did you mean "--port"?\n--strict: found "maybe", expected true or false\n' +
      'ionworks-mock --help lists what there is\n',
    code: 2,
  })
  t.match(await run(t, ['--host', '192.0.2.1']), {
    code: 2,
    err: /^this machine has no such address \(.*\): choose another with --host\n$/,
  })
  t.match(await run(t, ['validate'], { env: { IONWORKS_MOCK_STRIKT: '1' } }), {
    code: 0,
    err: 'warning: IONWORKS_MOCK_STRIKT: there is no such variable; did you mean "IONWORKS_MOCK_STRICT"?\n',
  })
})

t.test('a port that is taken is exit code 3', async (t) => {
  const { mock } = await serve(t)
  t.strictSame(await run(t, ['--port', String(mock.port)]), {
    out: '',
    err: `port ${mock.port} of 127.0.0.1 is in use: stop what listens there, or choose another with --port (0: any)\n`,
    code: 3,
  })
})

t.test('validate and start refuse broken fixtures with exit code 2, every fault and no stack trace', async (t) => {
  const faults = readFileSync('test/fixtures/broken-faults.txt', 'utf8')
  const err = `nothing was seeded: the fixtures have ${faults.trimEnd().split('\n').length} faults\n${faults}`
  t.strictSame(await run(t, ['validate', 'test/fixtures/broken']), { out: '', err, code: 2 })
  t.strictSame(await run(t, ['--port', '0', '--fixtures', 'test/fixtures/broken']), { out: '', err, code: 2 })
  t.match(await run(t, ['validate', 'nowhere', 'test/fixtures/broken/null.json']), {
    code: 2,
    err: /^nothing was seeded: the fixtures have 2 faults\nnowhere: there is no such .*\ntest\/fixtures\/broken\/null\.json:1:1: found null/,
  })
})

t.test('validate counts what is good, and warns of contradictions', async (t) => {
  t.strictSame(await run(t, ['validate']), {
    out: '13 pipelines and 25 elements in 3 files: no faults, 0 warnings\n',
    err: '',
    code: 0,
  })
  const folder = t.testdir({
    'a.yaml': 'pipelines: [{ name: a, status: completed, elements: [{ name: e, status: running }] }]',
  })
  t.strictSame(await run(t, ['validate', `${folder}/a.yaml`]), {
    out: '1 pipeline and 1 element in 1 file: no faults, 1 warning\n',
    err: `warning: ${folder}/a.yaml:1:73: pipelines[0].elements[0].status: an element that is running in a pipeline that is completed\n`,
    code: 0,
  })
})

t.test('a defect is exit code 1 with what to report', async (t) => {
  const broken = 'data:text/javascript,process.stdout.write=()=>{throw new Error("planted")}'
  t.match(await run(t, ['--version'], { imports: [broken] }), {
    code: 1,
    err: /^this should not have happened, please report it: Error: planted/,
  })
})
