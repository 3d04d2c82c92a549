// The servers that the benchmark compares. All servers send the same body in response to the same request.
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { parse } from 'yaml'
import { version } from '../src/options/package.js'
import { startCommand } from '../test/support/command.js'
import { attempt, type RequestOptions, send } from '../test/support/http.js'
import { BUNDLED_COMMAND, ROOT } from '../test/support/paths.js'
import { run, start, stop, temporaryFolder } from '../test/support/processes.js'
import { until } from '../test/support/until.js'
import { commandOf, nodeFor, type Program } from './install.js'
import { CANCEL } from './pipelines.js'

export interface Server {
  readonly url: string
  readonly pid: number
  /** The path of the `node` program that runs the server. */
  readonly node: string
  stop(): Promise<unknown>
}

/** A server that the benchmark compares with other servers. */
export interface Subject {
  readonly name: string
  readonly version: string
  /**
   * The first request after a start. The start has ended when the response to this request has arrived. A server
   * without `first` is measured only under load.
   */
  readonly first?: RequestOptions
  readonly start: () => Promise<Server>
}

const FOLDER = temporaryFolder()
const CONTRACT = join(ROOT, 'test/fixtures/cancel-pipeline.openapi.yaml')
const SETTINGS = ['--log-level', 'silent', '--clock', 'frozen@2026-10-01T12:00:00Z']

const PRISM = { name: 'prism', spec: '@stoplight/prism-cli', version: '5.16.0', bin: 'prism', needs: '24.18.0' }
const MOCKOON = { name: 'mockoon', spec: '@mockoon/cli', version: '9.9.0', bin: 'mockoon-cli', needs: '18.0.0' }

/** Sends a request, and returns the body of the response. Rejects if the status is not 200. */
export async function sendOk({ url }: Server, request?: RequestOptions): Promise<string> {
  const { status, body } = await send(url, request)
  if (status !== 200)
    throw new Error(`unexpected response from ${url}: expected status 200, received ${status}: ${body}`)
  return body
}

/** Starts the mock, or a server that prints its URL and process id as the mock does with `--json`. */
const startOn = async (command: [string, ...string[]], args: readonly string[] = []): Promise<Server> => ({
  ...(await startCommand(args, { command })),
  node: command[0],
})

/** Starts the mock with the bundled command, a silent log and a frozen clock. */
export const startOurs = (args: readonly string[] = [], node = process.execPath): Promise<Server> =>
  startOn([node, BUNDLED_COMMAND], [...SETTINGS, ...args])

/** Starts the mock, and returns the body of its response to a cancel. */
export async function recordBody(): Promise<string> {
  const server = await startOurs()
  const body = await sendOk(server, CANCEL)
  await server.stop()
  return body
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Starts a program that takes its port as an argument, and waits until it responds to a cancel with 200. */
async function startProgram(program: Program, argumentsOf: (port: string) => string[]): Promise<Server> {
  const [node, script] = await commandOf(program)
  const port = String(await freePort())
  const url = `http://127.0.0.1:${port}`
  const child = start(node, [script, ...argumentsOf(port)], { cwd: FOLDER, stdio: 'ignore' })
  const responds = async () => {
    const end = child.exitCode ?? child.signalCode
    if (end !== null) throw new Error(`${program.name} ended before it responded (exit code or signal: ${end})`)
    return (await attempt(url, CANCEL)).status === 200
  }
  await until(`a response from ${program.name}`, responds).catch(async (error: unknown) => {
    await stop(child)
    throw error
  })
  return { url, pid: child.pid as number, node, stop: () => stop(child) }
}

/** Writes the OpenAPI contract with `body` as the example response to a cancel. Returns the path of the file. */
function writeContract(body: string): string {
  const contract = parse(readFileSync(CONTRACT, 'utf8'))
  const { responses } = contract.paths['/pipelines/{pipeline_id}/cancel'].post
  responses[200].content['application/json'].example = JSON.parse(body)
  const path = join(FOLDER, 'contract.json')
  writeFileSync(path, JSON.stringify(contract))
  return path
}

const startPrism = (body: string, ...options: string[]) =>
  startProgram(PRISM, (port) => ['mock', '-p', port, ...options, writeContract(body)])

/**
 * Starts Mockoon. When Mockoon imports a contract, it generates a body for each response. This function replaces the
 * generated body with `body`.
 */
async function startMockoon(body: string): Promise<Server> {
  const path = join(FOLDER, 'mockoon.json')
  const [node, script] = await commandOf(MOCKOON)
  await run(node, [script, 'import', '-i', writeContract(body), '-o', path], { cwd: FOLDER })
  const environment = JSON.parse(readFileSync(path, 'utf8'))
  const responses: { statusCode: number }[] = environment.routes[0].responses
  const response = responses.find(({ statusCode }) => statusCode === 200)
  Object.assign(response as object, { body, disableTemplating: true })
  writeFileSync(path, JSON.stringify(environment))
  const options = ['--hostname', '127.0.0.1', '--disable-log-to-file', '--disable-admin-api']
  return startProgram(MOCKOON, (port) => ['start', '--data', path, ...options, '--port', port])
}

/** Returns the name that a server has in the report when it runs on Node.js 24. */
export const onNode24 = (name: string) => `${name} (Node.js 24)`

export function subjectsFor(body: string): Subject[] {
  const file = join(FOLDER, 'body.json')
  writeFileSync(file, body)
  const startServer = (name: string, node = process.execPath) =>
    startOn([node, join(import.meta.dirname, 'servers', name), file])
  const node24 = () => nodeFor('24.0.0')
  const ours = version()
  const fastify = JSON.parse(readFileSync(join(ROOT, 'node_modules/fastify/package.json'), 'utf8')).version
  const { node } = process.versions
  return [
    { name: 'bare', version: node, first: { path: '/' }, start: () => startServer('bare.js') },
    { name: 'fastify', version: fastify, first: CANCEL, start: () => startServer('fastify.js') },
    { name: 'ours', version: ours, first: { path: '/_mock/health' }, start: () => startOurs() },
    { name: onNode24('bare'), version: '24', start: async () => startServer('bare.js', await node24()) },
    { name: onNode24('ours'), version: ours, start: async () => startOurs([], await node24()) },
    { name: 'prism', version: PRISM.version, start: () => startPrism(body, '--verboseLevel', 'silent') },
    { name: 'prism (logging)', version: PRISM.version, start: () => startPrism(body) },
    { name: 'mockoon', version: MOCKOON.version, start: () => startMockoon(body) },
  ]
}
