// What is measured side by side: each answers the same bytes to the same request.
import { readFileSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath, URL } from 'node:url'
import { parse } from 'yaml'
import { commandOf, nodeFor, nodeVersion } from './install.js'
import { CANCEL } from './paths.js'
import { firstLine, run, start, stop, TMP } from './processes.js'

export const ROOT = fileURLToPath(new URL('..', import.meta.url))
const HERE = fileURLToPath(new URL('.', import.meta.url))

const OURS = ['dist/cli.js', '--port', '0', '--json', '--log-level', 'silent']
const FROZEN = ['--clock', 'frozen@2026-10-01T12:00:00Z']
const CONTRACT = join(ROOT, 'test/fixtures/cancel-pipeline.openapi.yaml')

const PRISM = { name: 'prism', spec: '@stoplight/prism-cli', version: '5.16.0', bin: 'prism', needs: '24.18.0' }
const MOCKOON = { name: 'mockoon', spec: '@mockoon/cli', version: '9.9.0', bin: 'mockoon-cli', needs: '18.0.0' }

const versionIn = (path) => JSON.parse(readFileSync(join(ROOT, path, 'package.json'), 'utf8')).version

/** Asks once, on a connection of its own. */
export async function ask(port, method, path) {
  const asked = request({ host: '127.0.0.1', port, method, path, agent: false })
  asked.end()
  const [answer] = await once(asked, 'response')
  const body = (await answer.setEncoding('utf8').toArray()).join('')
  return { status: answer.statusCode, body }
}

/** Starts our own server, or one that tells its port in a line of JSON as ours does. */
async function startTelling(args, node = process.execPath) {
  const child = start(node, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'ignore'] })
  const { port } = JSON.parse(await firstLine(child))
  return { child, port, ...(node !== process.execPath && { node: await nodeVersion(node) }) }
}

/** The command under test. */
export const startOurs = (args = [], node = process.execPath) => startTelling([...OURS, ...FROZEN, ...args], node)

/** What the command under test answers. */
export async function takeBytes() {
  const { child, port } = await startOurs()
  const { status, body } = await ask(port, 'POST', CANCEL)
  await stop(child)
  if (status !== 200) throw new Error(`the mock answered ${status}: ${body}`)
  return body
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}

/** Starts a program that has to be told its port, and waits for its first answer. */
async function startTold([node, ...args], optionsOf) {
  const port = await freePort()
  const child = start(node, [...args, ...optionsOf(String(port))], { cwd: TMP })
  let ended
  void child.ended.then((code) => (ended = code))
  for (let i = 0; i < 600; i++) {
    const answer = await ask(port, 'POST', CANCEL).catch(() => undefined)
    if (answer?.status === 200) return { child, port }
    if (ended !== undefined) throw new Error(`it ended with ${ended} before it answered`)
    await sleep(50)
  }
  await stop(child)
  throw new Error('it did not answer within 30 s')
}

/** The contract, with what is to be answered as its example. */
function writeContract(bytes) {
  const contract = parse(readFileSync(CONTRACT, 'utf8'))
  const { responses } = contract.paths['/pipelines/{pipeline_id}/cancel'].post
  responses[200].content['application/json'].example = JSON.parse(bytes)
  const path = join(TMP, 'contract.json')
  writeFileSync(path, JSON.stringify(contract))
  return path
}

async function startPrism(bytes, ...options) {
  const command = await commandOf(PRISM)
  const contract = writeContract(bytes)
  const server = await startTold(command, (port) => ['mock', '-p', port, ...options, contract])
  return { ...server, node: await nodeVersion(command[0]) }
}

/** Mockoon makes answers of its own from a contract, so its copy is told the bytes, and that they are no template. */
async function startMockoon(bytes) {
  const command = await commandOf(MOCKOON)
  const path = join(TMP, 'mockoon.json')
  const [node, ...args] = command
  await run(node, [...args, 'import', '-i', writeContract(bytes), '-o', path], { cwd: TMP })
  const environment = JSON.parse(readFileSync(path, 'utf8'))
  const answer = environment.routes[0].responses.find(({ statusCode }) => statusCode === 200)
  Object.assign(answer, { body: bytes, disableTemplating: true })
  writeFileSync(path, JSON.stringify(environment))
  const options = ['start', '--data', path, '--hostname', '127.0.0.1', '--disable-log-to-file', '--disable-admin-api']
  const server = await startTold(command, (port) => [...options, '--port', port])
  return { ...server, node: await nodeVersion(node) }
}

/** The name of a subject on the Node.js for which the budget against the bare server is promised. */
export const onNode24 = (name) => `${name}, on Node.js 24`

/** All subjects. `first` is a path that each answers with 200; those without one are measured under load alone. */
export function subjectsFor(bytes) {
  const body = join(TMP, 'body.json')
  const bare = [join(HERE, 'servers/bare.js'), body]
  writeFileSync(body, bytes)
  return [
    { name: 'bare', version: process.versions.node, first: ['GET', '/'], start: () => startTelling(bare) },
    {
      name: 'fastify',
      version: versionIn('node_modules/fastify'),
      first: ['POST', CANCEL],
      start: () => startTelling([join(HERE, 'servers/fastify.js'), body]),
    },
    { name: 'ours', version: versionIn('.'), first: ['GET', '/_mock/health'], start: () => startOurs() },
    { name: onNode24('bare'), version: '24', start: async () => startTelling(bare, await nodeFor('24.0.0')) },
    { name: onNode24('ours'), version: versionIn('.'), start: async () => startOurs([], await nodeFor('24.0.0')) },
    { name: 'prism', version: PRISM.version, start: () => startPrism(bytes, '--verboseLevel', 'silent') },
    { name: 'prism, which logs', version: PRISM.version, start: () => startPrism(bytes) },
    { name: 'mockoon', version: MOCKOON.version, start: () => startMockoon(bytes) },
  ]
}
