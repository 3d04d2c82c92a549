import { once } from 'node:events'
import { get } from 'node:http'
import { connect } from 'node:net'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { limitUnread, MAX_UNREAD_LOG_BYTES } from '../src/cli/unread-log.js'
import { version } from '../src/options/package.js'
import { type CommandOptions, finishCommand, startCommand } from './support/command.js'
import { exactly } from './support/control.js'
import { COMPILED_COMMAND } from './support/paths.js'
import { endOf, start } from './support/processes.js'
import { until, within } from './support/until.js'

async function begin(t: Test, args: string[] = [], options: CommandOptions = {}) {
  const command = await startCommand(args, options)
  t.teardown(() => command.child.kill('SIGKILL'))
  return command
}

t.test('with `--json`, the command prints one line as soon as the mock accepts requests', async (t) => {
  const { child, port, url, ...command } = await begin(t)
  t.match(command, { event: 'ready', pid: child.pid, version: version() })
  t.equal(url, `http://127.0.0.1:${port}`)
  t.equal(command.output().out.split('\n').length, 2)
})

t.test('the command logs one line for each request', async (t) => {
  const { url, ended, child } = await begin(t)
  const { headers } = await fetch(`${url}/pipelines/nobody/cancel?x=1`, { method: 'POST' })
  child.kill('SIGTERM')
  const { code, err } = await ended
  t.equal(code, 0)
  const lines = err.trimEnd().split('\n')
  const requests = lines.map((line) => JSON.parse(line) as { path?: string }).filter(({ path }) => path !== undefined)
  t.match(requests, [
    {
      method: 'POST',
      path: '/pipelines/nobody/cancel',
      status: 422,
      duration_ms: Number,
      correlation_id: headers.get('x-correlation-id'),
    },
  ])
  t.equal(requests.length, 1)
})

t.test('after a signal, the command finishes the response in progress before it exits', async (t) => {
  const result = { text: 'x'.repeat(20_000_000) }
  const folder = t.testdir({
    'a.json': JSON.stringify({ pipelines: [{ id: 'a', name: 'a', elements: [{ name: 'e', result }] }] }),
  })
  const { url, port, ended, child } = await begin(t, ['--fixtures', folder])
  const idle = connect(port, '127.0.0.1')
  await once(idle, 'connect')
  const [response] = await once(get(`${url}/pipelines/a/elements`, { agent: false }), 'response')
  child.kill('SIGINT')
  await within('the idle connection to be closed', once(idle, 'close'))
  await t.rejects(fetch(url))
  t.equal(JSON.parse(await text(response))[0].result.text.length, 20_000_000)
  t.match(await within('the command to end by itself', ended), { code: 0 })
})

t.test('an issue in a fixture is printed to standard error without a stack trace', async (t) => {
  t.match(await finishCommand(['validate', 'test/fixtures/broken/null.json']), {
    out: /^$/,
    err: /^[^\n]+\ntest\/fixtures\/broken\/null\.json:1:1: [^\n]+\n$/,
    code: 2,
  })
})

t.test('a signal sent as soon as the command is ready ends the command with exit code 0', async () => {
  const args = [COMPILED_COMMAND, '--port', '0', '--json', '--log-level', 'silent']
  const child = start(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  child.stdout?.once('data', () => child.kill('SIGTERM'))
  t.equal(await within('the end of the command', endOf(child)), 0)
})

/**
 * Returns the URL of a module that runs the given code when the command reads the fixture failures.yaml. The module
 * also removes the signal handlers that tap adds to the process.
 */
const onRead = (code: string) =>
  `data:text/javascript,import fs from 'node:fs';import { syncBuiltinESMExports } from 'node:module'
const { pid } = process, read = fs.readFileSync
fs.readFileSync = (...args) => { if (String(args[0]).endsWith("failures.yaml")) { ${code} } return read(...args) }
syncBuiltinESMExports()
process.removeAllListeners('SIGTERM').removeAllListeners('SIGINT')`.replaceAll('\n', ';')

/** A statement that blocks the event loop for ever. It stands for a fixture that takes long to parse. */
const BLOCK = 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)'

/** Starts the command with a planted module. Resolves with the exit code, or with the signal that ended the command. */
async function endWith(t: Test, planted: string, args: readonly string[]) {
  const child = start(process.execPath, [`--import=${planted}`, COMPILED_COMMAND, ...args], { stdio: 'ignore' })
  t.teardown(() => child.kill('SIGKILL'))
  return within('the end of the command', endOf(child))
}

t.test(
  'while the command loads fixtures, a signal ends the command at once, even if the command is busy',
  async (t) => {
    for (const signal of ['SIGTERM', 'SIGINT']) {
      const planted = onRead(`process.kill(pid, '${signal}');${BLOCK}`)
      t.equal(await endWith(t, planted, ['--port', '0', '--fixtures', 'fixtures']), signal)
      t.equal(await endWith(t, planted, ['validate', 'fixtures']), signal)
    }
  },
)

t.test('as process 1, which the kernel protects from signals, the command ends while it loads fixtures', async (t) => {
  for (const [signal, number] of Object.entries({ SIGTERM: 15, SIGINT: 2 })) {
    const emit = `process.emit('${signal}', '${signal}', ${number})`
    const planted = `${onRead(emit)};Object.defineProperty(process,'pid',{value:1})`
    t.equal(await endWith(t, planted, ['--port', '0', '--fixtures', 'fixtures']), 128 + number, signal)
  }
})

t.test('`healthcheck` ignores the proxy in the environment', async (t) => {
  const { port } = await begin(t)
  const unreachable = 'http://127.0.0.1:9'
  const env = { NODE_USE_ENV_PROXY: '1', HTTP_PROXY: unreachable, http_proxy: unreachable, NO_PROXY: '', no_proxy: '' }
  t.match(await finishCommand(['healthcheck', '--port', String(port)], { env }), { code: 0 })
})

t.test('`validate -` reads standard input until its end', async (t) => {
  const child = start(process.execPath, [COMPILED_COMMAND, 'validate', '-'], { stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdin?.write('pipelines:\n  - name: a\n')
  child.stdin?.end('  - name: b\n')
  const [output, code] = await within(
    'the end of the command',
    Promise.all([text(child.stdout as Readable), endOf(child)]),
  )
  t.match(output, /^2 pipelines\b/)
  t.equal(code, 0)
})

t.test('the command keeps serving when its standard output and standard error are closed', async (t) => {
  const { child, url, ended } = await begin(t)
  child.stderr?.destroy()
  child.stdout?.destroy()
  for (let i = 0; i < 3; i++) t.equal((await fetch(`${url}/healthz`)).status, 200)
  child.kill('SIGTERM')
  t.match(await ended, { code: 0 })
})

t.test('with `--stop-with-stdin`, the end of standard input stops the command with exit code 0', async (t) => {
  const { child, url, ended } = await begin(t, ['--stop-with-stdin'], { stdin: 'pipe' })
  child.stdin?.write('input is ignored\n')
  t.equal((await fetch(`${url}/healthz`)).status, 200)
  child.stdin?.end()
  t.match(await within('the end of the command', ended), { code: 0 })
})

t.test('with `--stop-with-stdin`, the command ends when its parent is killed', async (t) => {
  const script = `
    const { spawn } = require('node:child_process')
    const { argv, execPath } = process
    spawn(execPath, argv.slice(1), { stdio: ['pipe', 'inherit', 'inherit'] })`
  const parent = [process.execPath, '-e', script, COMPILED_COMMAND] as const
  const { url, stop } = await begin(t, ['--stop-with-stdin'], { command: parent })
  t.equal((await fetch(`${url}/healthz`)).status, 200)
  t.equal(await stop('SIGKILL'), 'SIGKILL')
  await until('the end of the mock', () =>
    fetch(url).then(
      () => false,
      () => true,
    ),
  )
})

t.test(
  'with `--stop-with-stdin`, a command that cannot start does not wait for the end of standard input',
  async (t) => {
    const args = [COMPILED_COMMAND, '--stop-with-stdin', '--host', '192.0.2.1']
    const child = start(process.execPath, args, { stdio: ['pipe', 'ignore', 'ignore'] })
    t.equal(await within('the end of the command', endOf(child)), 2)
  },
)

t.test('a hangup of the terminal, or the signal of a crash, ends the command at once', async (t) => {
  for (const signal of [
    'SIGHUP',
    'SIGQUIT',
    'SIGUSR2',
    'SIGILL',
    'SIGTRAP',
    'SIGABRT',
    'SIGBUS',
    'SIGFPE',
    'SIGSEGV',
  ]) {
    const { stop } = await begin(t)
    t.equal(await stop(signal as NodeJS.Signals), signal)
  }
})

t.test('an uncaught error ends the command with a stack trace and exit code 1', async (t) => {
  const planted = 'data:text/javascript,process.once("SIGWINCH",()=>{setImmediate(()=>{throw new Error("planted")})})'
  const { child, ended } = await begin(t, [], { imports: [planted] })
  child.kill('SIGWINCH')
  t.match(await ended, { code: 1, err: /: Error: planted\n +at / })
})

t.test('log lines are dropped and counted while standard error is not read', async (t) => {
  const written: string[] = []
  const stream = { writableLength: 0, write: (line: string) => written.push(line) > 0 }
  const log = limitUnread(stream)
  stream.writableLength = MAX_UNREAD_LOG_BYTES
  log.write('first')
  stream.writableLength = MAX_UNREAD_LOG_BYTES + 1
  for (const line of ['lost', 'lost']) log.write(line)
  stream.writableLength = 0
  for (const line of ['next', 'last']) log.write(line)
  t.match(written, exactly(['first', /"level":40.*\b2\b/, 'next', 'last']))
})
