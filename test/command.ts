import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { PassThrough, Readable } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import t, { type Test } from 'tap'
import { checkHealth } from '../src/cli/healthcheck.js'
import { explain, runCommand } from '../src/cli/run.js'
import { help } from '../src/cli/help.js'
import { COMMANDS, flagOf, OPTION_NAMES } from '../src/options/options.js'
import { asker, serve } from './support/serve.js'
import { within } from './support/until.js'

const { version } = JSON.parse(readFileSync('package.json', 'utf8'))

/** Runs the command in this process. If the command starts a mock, the mock is closed at the end of the test. */
async function command(
  t: Test,
  args: string[],
  environment: Record<string, string> = {},
  { isTTY = false, input = '' } = {},
) {
  const pipe = () => new PassThrough({ highWaterMark: 2 ** 20 })
  const [stdout, stderr] = [pipe(), Object.assign(pipe(), { isTTY })]
  const output = () => ({ out: String(stdout.read() ?? ''), err: String(stderr.read() ?? '') })
  try {
    const stdin = Readable.from([Buffer.from(input)])
    const mock = await runCommand(args, { environment, stdin, stdout, stderr, pid: 42 })
    if (mock) t.teardown(() => mock.close())
    return { mock, code: 0, ...output(), output }
  } catch (error) {
    const { message, exitCode } = explain(error as Error)
    return { mock: undefined, code: exitCode, ...output(), err: `${message}\n`, output }
  }
}

t.test('the help and the version are printed to standard output', async (t) => {
  for (const args of [['--help'], ['-h'], ['help'], ['help', '--help'], ['validate', '--help']])
    t.match(await command(t, args), { out: `${help()}\n`, err: '', code: 0, mock: undefined })
  for (const args of [['--version'], ['-v'], ['validate', '--version']])
    t.match(await command(t, args), { out: `${version}\n`, err: '', code: 0, mock: undefined })
})

t.test('`start` prints a summary with an example request that works', async (t) => {
  const { mock, out } = await command(t, ['--port', '0'])
  const [address, counts, example, ...rest] = out.split('\n')
  t.ok(address?.includes(version))
  t.ok(address?.endsWith(` ${mock?.url}`))
  t.match(counts, /\b14 pipelines\b.*\b26 elements\b/)
  t.ok(example?.endsWith(`curl -X POST ${mock?.url}/pipelines/0d9f7a52-3c7b-4f0e-8a41-6b2f5c9e1d34/cancel`))
  t.strictSame(rest, [''])
  const ask = await asker(String(mock?.url))
  t.equal((await ask('POST', '/pipelines/0d9f7a52-3c7b-4f0e-8a41-6b2f5c9e1d34/cancel')).json().status, 'canceled')
})

t.test('`start` prints the paths of the fixtures, and an example request with a percent-encoded id', async (t) => {
  const folder = t.testdir({ 'a.yaml': 'pipelines: [{ name: a, id: "a b" }]', 'b.json': '{"pipelines":[]}' })
  const { out } = await command(t, ['--port=0', '--fixtures', `${folder}/a.yaml`, '--fixtures', `${folder}/b.json`])
  t.match(out, /\b1 pipeline\b.*\b0 elements\b/)
  t.match(out, `${folder}/a.yaml, ${folder}/b.json`)
  t.match(out, '/pipelines/a%20b/cancel\n')
})

t.test('`start` prints no example request if the fixture has no pipelines', async (t) => {
  const folder = t.testdir({ 'b.json': '{"pipelines":[]}' })
  const empty = await command(t, ['--port=0'], { IONWORKS_MOCK_FIXTURES: `${folder}/b.json` })
  t.match(empty.out, /\b0 pipelines\b.*\b0 elements\b/)
  t.notMatch(empty.out, 'curl')
})

t.test('`start --json` prints one line', async (t) => {
  const { mock, out } = await command(t, ['--port', '0', '--json'])
  const { url, port } = mock ?? {}
  t.equal(out, `${JSON.stringify({ event: 'ready', url, port, pid: 42, version })}\n`)
})

t.test('the log on a terminal has one line for each warning and each request', async (t) => {
  const tty = await command(t, ['--port', '0'], { IONWORKS_MOCK_STRIKT: '1' }, { isTTY: true })
  await fetch(`${tty.mock?.url}/healthz`)
  await tty.mock?.faults.add({ disconnect: 'before' })
  await t.rejects(fetch(`${tty.mock?.url}/healthz`))
  await tty.mock?.close()
  const text = stripVTControlCharacters(tty.err + tty.output().err)
  const [warning, request, cut, ...rest] = text.trimEnd().split('\n')
  t.match(warning, /^\[[\d:.]+\] WARN: \S.*IONWORKS_MOCK_STRIKT/)
  t.match(request, /^\[[\d:.]+\] INFO: GET \/healthz 200 [\d.]+ ms$/)
  t.match(cut, /^\[[\d:.]+\] INFO: GET \/healthz \(no complete response\) [\d.]+ ms, fault-1$/)
  t.strictSame(rest, [])
})

t.test('each option and each command is in the help once', async (t) => {
  const { out } = await command(t, ['help'])
  for (const name of OPTION_NAMES) {
    const usage = new RegExp(`^  (-\\w, )?--(\\[no-\\])?${flagOf(name).slice('--'.length)}( <|$)`, 'gm')
    t.equal(out.match(usage)?.length, 1, name)
  }
  for (const usage of ['-h, --help', '-v, --version']) t.match(out, `\n  ${usage}\n`)
  for (const name of COMMANDS) t.equal(out.split(`\n  ${name} `).length, 2, name)
})

t.test('flags set the options of the mock', async (t) => {
  const flags = ['--port=0', '--strict', '--unknown-pipeline', '404', '--require-key', '--log-level=silent']
  const { mock, output } = await command(t, flags)
  const ask = await asker(String(mock?.url))
  const key = { headers: { 'x-api-key': 'k' } }
  t.equal((await ask('POST', '/pipelines/nobody/cancel')).status, 401)
  t.equal((await ask('POST', '/pipelines/nobody/cancel', key)).status, 404)
  t.equal(Object.keys((await ask('GET', '/pipelines/0d9f7a52-3c7b-4f0e-8a41-6b2f5c9e1d34', key)).json()).length, 13)
  t.equal(output().err, '')
})

t.test('environment variables set the options of the mock', async (t) => {
  const variables = { IONWORKS_MOCK_PORT: '0', IONWORKS_MOCK_UNKNOWN_PIPELINE: '404' }
  const other = await command(t, ['start'], variables)
  t.equal((await (await asker(String(other.mock?.url)))('GET', '/pipelines/nobody')).status, 404)
})

t.test('each invalid option or unusable address gets a line, and the command ends with exit code 2', async (t) => {
  const { out, err, code } = await command(t, ['--prot', '1', '--strict=maybe'])
  t.strictSame([out, code], ['', 2])
  const [first, second, last, ...rest] = err.trimEnd().split('\n')
  t.match(first, /--prot\b.*"--port"/)
  t.match(second, /--strict\b.*"maybe"/)
  t.match(last, 'ionworks-mock --help')
  t.strictSame(rest, [])
})

t.test('an address that the mock cannot listen on gets a line, and the command ends with exit code 2', async (t) => {
  for (const host of ['192.0.2.1', 'fe80::1', 'x'.repeat(300)]) {
    const { err, code } = await command(t, ['--port', '0', '--host', host])
    t.equal(code, 2, host)
    t.match(err, /^[^\n]* --host\n$/)
    t.match(err, host)
  }
  const table: [code: string, syscall: string, remedy: string][] = [
    ['EAFNOSUPPORT', 'listen', '--host'],
    ['EINVAL', 'listen', '--host'],
    ['ENOTFOUND', 'getaddrinfo', '--host'],
    ['EAI_AGAIN', 'getaddrinfo', '--host'],
    ['EACCES', 'listen', '--port'],
  ]
  for (const [code, syscall, remedy] of table) {
    const error = Object.assign(new Error(`${syscall} ${code}`), { code, syscall, port: 80 })
    t.match(explain(error), { exitCode: 2, message: new RegExp(`^[^\\n]* ${remedy}$`) }, code)
  }
})

t.test('a misspelled environment variable gets a warning', async (t) => {
  const suggestion = /IONWORKS_MOCK_STRIKT\b.*"IONWORKS_MOCK_STRICT"/
  const started = await command(t, ['--port=0'], { IONWORKS_MOCK_STRIKT: '1' })
  t.match(JSON.parse(started.err.split('\n')[0] as string), { level: 40, msg: suggestion })
  const silent = await command(t, ['--port=0', '--log-level=silent'], { IONWORKS_MOCK_STRIKT: '1' })
  t.strictSame([silent.mock === undefined, silent.output().err], [false, ''])
  const { code, err } = await command(t, ['validate'], { IONWORKS_MOCK_STRIKT: '1' })
  t.equal(code, 0)
  t.match(err, /^warning: [^\n]*\n$/)
  t.match(err, suggestion)
})

t.test('a port in use ends the command with exit code 3', async (t) => {
  const { mock } = await serve(t)
  const { out, err, code } = await command(t, ['--port', String(mock.port)])
  t.strictSame([out, code], ['', 3])
  t.match(err, new RegExp(`^[^\\n]*\\b${mock.port}\\b[^\\n]*127\\.0\\.0\\.1[^\\n]* --port [^\\n]*\\n$`))
})

/**
 * Returns the place and the path in a line of broken-issues.txt. A line has the form `file:line:col path code`, or
 * `file:line:col code` if the issue has no path.
 */
const placeIn = (line: string) => /^(\S+)(?: (.+))? \w+$/.exec(line)?.slice(1) as [place: string, path?: string]

t.test('`validate` and `start` list every issue of broken fixtures', async (t) => {
  const places = readFileSync('test/fixtures/broken-issues.txt', 'utf8').trimEnd().split('\n').map(placeIn)
  for (const args of [
    ['validate', 'test/fixtures/broken'],
    ['--port', '0', '--fixtures', 'test/fixtures/broken'],
  ]) {
    const { out, err, code } = await command(t, args)
    t.strictSame([out, code], ['', 2])
    const [head, ...lines] = err.trimEnd().split('\n')
    t.match(head, new RegExp(`\\b${places.length}\\b`))
    t.equal(lines.length, places.length)
    for (const [i, [place, path]] of places.entries()) {
      const start = path === undefined ? `${place}: ` : `${place}: ${path}: `
      t.equal(lines[i]?.slice(0, start.length), start)
    }
  }
  const { err, code } = await command(t, ['validate', 'nowhere', 'test/fixtures/broken/null.json'])
  t.equal(code, 2)
  t.match(err, /^[^\n]*\b2\b[^\n]*\nnowhere: [^\n]+\ntest\/fixtures\/broken\/null\.json:1:1: [^\n]+\n$/)
})

t.test('`validate` prints the numbers of pipelines, elements, files and warnings', async (t) => {
  const good = await command(t, ['validate'])
  t.strictSame([good.err, good.code], ['', 0])
  t.match(good.out, /^14 pipelines\b.*\b26 elements\b.*\b4 files\b.*\b0 warnings\n$/)
})

t.test('`validate` warns about inconsistent fixtures', async (t) => {
  const folder = t.testdir({
    'a.yaml': 'pipelines: [{ name: a, status: completed, elements: [{ name: e, status: running }] }]',
  })
  const { out, err, code } = await command(t, ['validate', `${folder}/a.yaml`])
  t.equal(code, 0)
  t.match(out, /^1 pipeline\b.*\b1 element\b.*\b1 file\b.*\b1 warning\n$/)
  const place = `warning: ${folder}/a.yaml:1:73: pipelines[0].elements[0].status: `
  t.equal(err.slice(0, place.length), place)
  t.equal(err.split('\n').length, 2)
})

/** A port of 127.0.0.1 on which nothing listens. */
async function unusedPort() {
  const server = createServer().listen(0, '127.0.0.1')
  await within('the server to listen', once(server, 'listening'))
  const { port } = server.address() as AddressInfo
  server.close()
  await within('the server to close', once(server, 'close'))
  return port
}

t.test('`healthcheck` prints one line and succeeds if a mock runs with these options', async (t) => {
  const hosts = ['127.0.0.1', 'localhost', '0.0.0.0', '0', '::1', '::', '0:0:0:0:0:0:0:0']
  for (const host of hosts) {
    const { mock } = await serve(t, { host, control: false })
    const [url, port] = [mock.url, String(mock.port)]
    const variables = { IONWORKS_MOCK_HOST: host, IONWORKS_MOCK_PORT: port, IONWORKS_MOCK_STRICT: 'not read' }
    for (const { out, err, code } of [
      await command(t, ['healthcheck', '--host', host, '--port', port]),
      await command(t, ['healthcheck'], variables),
    ]) {
      t.strictSame([err, code], ['', 0], host)
      t.match(out, /^[^\n]+\n$/)
      t.match(out, `${url}/_mock/health`)
    }
  }
})

t.test('`healthcheck` prints one line and fails if no mock runs with these options', async (t) => {
  const port = String(await unusedPort())
  for (const host of ['127.0.0.1', 'localhost', '0.0.0.0', '::1']) {
    const { out, err, code } = await command(t, ['healthcheck', '--port', port, '--host', host])
    t.strictSame([out, code], ['', 1], host)
    t.match(err, new RegExp(`^[^\\n]*:${port}/_mock/health: [^\\n]*ECONNREFUSED[^\\n]*\\n$`))
  }
})

/** Starts a server that calls `respond` for each request, and returns its port. */
async function listen(t: Test, respond: (response: ServerResponse) => void) {
  const server = createServer((_request, response) => respond(response)).listen(0, '127.0.0.1')
  t.teardown(() => server.close().closeAllConnections())
  await within('the server to listen', once(server, 'listening'))
  return (server.address() as AddressInfo).port
}

t.test('`healthcheck` fails if the server responds with another status', async (t) => {
  const port = String(await listen(t, (response) => response.writeHead(404).end()))
  const { out, err, code } = await command(t, ['healthcheck', '--port', port])
  t.strictSame([out, code], ['', 1])
  t.match(err, new RegExp(`^[^\\n]*:${port}/_mock/health[^\\n]* 404\\n$`))
})

t.test('a health check fails if the server does not respond in time', async (t) => {
  const port = await listen(t, () => undefined)
  await t.rejects(checkHealth({ host: '127.0.0.1', port }, 20), { name: 'UnhealthyError', message: /timed out/ })
})

t.test('`validate` prints at most 200 warnings, and the number of the other warnings', async (t) => {
  const pipelines = Array.from({ length: 250 }, () => ({ name: 'a', error: 'why' }))
  const folder = t.testdir({ 'a.json': JSON.stringify({ pipelines }) })
  const lines = (await command(t, ['validate', folder])).err.trimEnd().split('\n')
  t.equal(lines.length, 201)
  t.match(lines.at(-1), /^warning: .*\b50\b/)
})

t.test('`validate -` reads JSON or YAML from standard input', async (t) => {
  const pair = await command(t, ['validate', '-', 'fixtures'], {}, { input: '{"pipelines":[{"name":"a"}]}' })
  t.match(pair, { err: '', code: 0, out: /^15 pipelines\b/ })
  const table: [input: string, output: RegExp][] = [
    ['pipelines:\n  - name: a\n', /^1 pipeline\b/],
    ['{ pipelines: [{ name: a }] }', /^1 pipeline\b/],
    [`{"pipelines":[]}${' '.repeat(2 ** 21)}`, /^0 pipelines\b/],
    ['{\n"pipelines":[5]}', /^<stdin>:2:14: pipelines\[0\]: /m],
    ['pipelines:\n  - 5', /^<stdin>:2:5: pipelines\[0\]: /m],
    ['{"pipelines":[],"pipelines":[]}', /^<stdin>:1:17: pipelines: /m],
    [`pipelines: []${' '.repeat(2 ** 21)}`, /^<stdin>: .*\bJSON\b/m],
    ['', /^<stdin>:1:1: /m],
  ]
  for (const [input, output] of table) {
    const { out, err } = await command(t, ['validate', '-'], {}, { input })
    t.match(out + err, output, input.trimEnd())
  }
})

t.test('an internal error is printed with a stack trace and has exit code 1', async (t) => {
  t.match(explain(new Error('planted')), { exitCode: 1, message: /: Error: planted\n +at / })
})
