import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Buffer, URL, clearTimeout, process, setTimeout } from './globals.js'

/** A pipeline of the shipped lab that runs, with two elements that have ended and two that have not. */
export const FIT = '0d9f7a52-3c7b-4f0e-8a41-6b2f5c9e1d34'

const CLI = fileURLToPath(new URL('../dist/cli.js', import.meta.url))

const children = new Set()
const folders = new Set()

process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL')
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1))

function keep(child) {
  children.add(child)
  child.once('exit', () => children.delete(child))
  return child
}

/** A folder for this run, removed at its end. */
export function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'ionworks-mock-torture-'))
  folders.add(folder)
  return folder
}

/** The command as a child process, when it is ready; it throws with what was said if it never is. */
export async function startCommand(...args) {
  const options = ['--port', '0', '--json', ...(args.includes('--log-level') ? [] : ['--log-level', 'silent']), ...args]
  const child = keep(spawn(process.execPath, [CLI, ...options], { stdio: ['ignore', 'pipe', 'pipe'] }))
  let [said, done] = ['', 0]
  child.stderr.setEncoding('utf8').on('data', (text) => {
    done += text.split('"answered"').length - 1
    said = (said + text).slice(-4000)
  })
  const began = once(child.stdout.setEncoding('utf8'), 'data')
  const first = await Promise.race([began, once(child, 'exit')])
  if (typeof first[0] !== 'string') throw new Error(`the mock did not start: ${first} ${said}`)
  const { url, port } = JSON.parse(first[0])
  return {
    url,
    port,
    child,
    said: () => said,
    /** How many requests it has done and logged, of those that were answered 200. */
    done: () => done,
    /** Ends it, and tells the exit code or the signal. */
    async stop(signal = 'SIGTERM') {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode ?? child.signalCode
      const exit = once(child, 'exit')
      child.kill(signal)
      const [code, by] = await exit
      return code ?? by
    },
  }
}

/** One of our own child processes, which speaks by messages. */
export function startChild(file, args = [], execArgv = []) {
  const stdio = ['ignore', 'ignore', 'pipe', 'ipc']
  return keep(fork(fileURLToPath(new URL(file, import.meta.url)), args.map(String), { execArgv, stdio }))
}

/** A request by Node's own client, on a connection of its own: its status, headers and body, or the error's code. */
export function ask(url, method = 'GET', body = undefined, headers = {}, limitMs = 5000) {
  return new Promise((resolve) => {
    const asked = request(url, { method, headers, agent: false })
    const timer = setTimeout(() => {
      resolve({ status: 'no answer in time' })
      asked.destroy()
    }, limitMs)
    const end = (answer) => {
      clearTimeout(timer)
      resolve(answer)
    }
    asked.on('error', ({ code }) => end({ status: code }))
    asked.on('response', (answer) => {
      const chunks = []
      answer.on('data', (chunk) => chunks.push(chunk))
      answer.on('error', ({ code }) => end({ status: code }))
      answer.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8')
        end({ status: answer.statusCode, headers: answer.headers, text, json: jsonOf(text) })
      })
    })
    asked.end(body)
  })
}

function jsonOf(text) {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

let fresh = 0

/** Whether the mock is as well as before: it answers for its health, and cancels in a world that nobody used. */
export async function illnesses({ url }) {
  const health = await ask(`${url}/_mock/health`)
  const canceled = await ask(`${url}/_sandbox/fresh-${++fresh}/pipelines/${FIT}/cancel`, 'POST')
  return [
    ...(health.status === 200 ? [] : [`health answers ${health.status}`]),
    ...(canceled.status === 200 && canceled.json?.status === 'canceled'
      ? []
      : [`a cancel answers ${canceled.status}: ${canceled.text?.slice(0, 200)}`]),
  ]
}

/** How many files and sockets a process has open; undefined where the system does not tell. */
export const openFilesOf = (pid) => (existsSync(`/proc/${pid}/fd`) ? readdirSync(`/proc/${pid}/fd`).length : undefined)

/** How many files this process may have open. */
export const fileLimit = () => Number(process.report.getReport().userLimits?.open_files?.soft) || Infinity

/** Waits until it is so, or for too long; tells whether it was. */
export async function until(isSo, limitMs = 5000) {
  for (let waited = 0; waited < limitMs; waited += 20) {
    if (await isSo()) return true
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return isSo()
}
