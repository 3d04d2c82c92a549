import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { get } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { launch, run, start } from './fixtures/command.js'

const startJson = async (t: Test, ...args: string[]) => {
  const started = await start(t, ['--port', '0', '--json', ...args])
  return { ...started, event: JSON.parse(started.ready) }
}

t.test('the command says once that it is ready, logs a line for a request, and ends when told to', async (t) => {
  const { child, event, ended } = await startJson(t)
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'))
  t.strictSame(event, {
    event: 'ready',
    url: `http://127.0.0.1:${event.port}`,
    port: event.port,
    pid: child.pid,
    version,
  })
  const { headers } = await fetch(`${event.url}/pipelines/nobody/cancel?x=1`, { method: 'POST' })
  child.kill('SIGTERM')
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

t.test('a stop finishes what is in flight, lets go of what is idle, and exits with 0', async (t) => {
  const folder = t.testdir({
    'a.json': JSON.stringify({
      pipelines: [{ id: 'a', name: 'a', elements: [{ name: 'e', result: { text: 'x'.repeat(20_000_000) } }] }],
    }),
  })
  const { child, event, ended } = await startJson(t, '--fixtures', folder)
  const idle = connect(event.port, '127.0.0.1')
  await once(idle, 'connect')
  const [answer] = await once(get(`${event.url}/pipelines/a/elements`, { agent: false }), 'response')
  child.kill('SIGINT')
  await once(idle, 'close')
  await t.rejects(fetch(event.url), 'nothing new is accepted')
  t.equal(JSON.parse(await text(answer))[0].result.text.length, 20_000_000, 'the whole answer')
  const answered = performance.now()
  t.match(await ended, { code: 0, signal: null })
  t.ok(performance.now() - answered < 1000, 'it ended within a second of the last answer')
})

t.test('what cannot be done is said on standard error, without a stack trace', async (t) => {
  t.match(await run(t, ['validate', 'test/fixtures/broken/null.json']), {
    out: /^$/,
    err: /^[^\n]+\ntest\/fixtures\/broken\/null\.json:1:1: [^\n]+\n$/,
    code: 2,
  })
})

t.test('a signal is heard from the first moment, and a stop before the start is done is a stop', async (t) => {
  const child = launch(t, ['--port', '0', '--json', '--log-level', 'silent'])
  child.stdout.once('data', () => child.kill('SIGTERM'))
  t.strictSame(await once(child, 'exit'), [0, null])
})

t.test('a signal to what is about to end by itself ends it', async (t) => {
  const planted =
    'data:text/javascript,const write=process.stdout.write;process.stdout.write=function(...args){' +
    'process.emit("SIGTERM","SIGTERM");return write.apply(this,args)}'
  t.match(await run(t, ['--version'], { imports: [planted] }), { code: 0, out: /^\d+\.\d+\.\d+\n$/ })
})

t.test('a reader that goes away is no trouble', async (t) => {
  const { child, event, ended } = await startJson(t)
  child.stderr.destroy()
  child.stdout.destroy()
  for (let i = 0; i < 3; i++) t.equal((await fetch(`${event.url}/healthz`)).status, 200)
  child.kill('SIGTERM')
  t.match(await ended, { code: 0 })
})

t.test('an error that nobody caught is told with its stack trace, and the exit code is not 0', async (t) => {
  const planted = 'data:text/javascript,process.once("SIGWINCH",()=>{setImmediate(()=>{throw new Error("planted")})})'
  const { child, ended } = await start(t, ['--port', '0', '--json'], { imports: [planted] })
  child.kill('SIGWINCH')
  t.match(await ended, { code: 1, err: /: Error: planted\n +at / })
})
