import { fork } from 'node:child_process'
import { once } from 'node:events'
import { type RunningCommand, startCommand } from '../test/support/command.js'
import { attempt, send } from '../test/support/http.js'
import { cancelPath, FIT } from '../test/support/lab.js'
import { BUNDLED_COMMAND } from '../test/support/paths.js'
import { type End, killOnExit } from '../test/support/processes.js'
import type { Report } from '../test/support/report.js'
import { within } from '../test/support/until.js'
import type { SandboxState } from '../src/index.js'
import { issuesIf, parseJson } from './issues.js'

export interface Address {
  readonly url: string
}

/** Starts the bundled command. The command logs nothing, unless `args` sets a log level. */
export const startMockCommand = (...args: string[]) =>
  startCommand(['--log-level', 'silent', ...args], { command: [process.execPath, BUNDLED_COMMAND] })

/** Checks that the command stops with the exit code 0. */
export async function checkStop(report: Report, mock: RunningCommand): Promise<void> {
  const end = await mock.stop()
  report.check(`the mock stops with exit code ${end}`, issuesIf(end !== 0, mock.output().err.slice(-4000)))
}

let freshSandboxes = 0

/** Checks that the mock is healthy, and that it cancels a pipeline in a new sandbox. */
export async function healthIssues({ url }: Address): Promise<string[]> {
  const health = await attempt(`${url}/_mock/health`)
  const canceled = await attempt(`${url}/_sandbox/fresh-${++freshSandboxes}${cancelPath(FIT)}`, { method: 'POST' })
  const isCanceled = canceled.status === 200 && parseJson(canceled.body)?.status === 'canceled'
  return [
    ...issuesIf(health.status !== 200, `the response to a health check is ${health.status}`),
    ...issuesIf(!isCanceled, `the response to a cancel is ${canceled.status}: ${canceled.body.slice(0, 200)}`),
  ]
}

/** Sends cancels of one pipeline, one after another. Returns all statuses and the longest response time. */
export async function cancelMany({ url }: Address, sandbox: string, count: number) {
  const all: (number | string)[] = []
  let slowestMs = 0
  for (let i = 0; i < count; i++) {
    const began = performance.now()
    all.push((await attempt(`${url}/_sandbox/${sandbox}${cancelPath(FIT)}`, { method: 'POST' })).status)
    slowestMs = Math.max(slowestMs, Math.round(performance.now() - began))
  }
  return { all, slowestMs }
}

/** Returns the sandboxes that have requests in flight. */
export async function busySandboxes({ url }: Address): Promise<SandboxState[]> {
  const sandboxes = JSON.parse((await send(`${url}/_mock/sandboxes`)).body) as SandboxState[]
  return sandboxes.filter(({ in_flight }) => in_flight > 0)
}

/** Time limit for a message from a child process. A child that exceeds the limit is assumed to hang. */
const CHILD_LIMIT_MS = 600_000

/** Starts a module of this folder as a child process that exchanges messages with this process. */
export function startChild(file: string, args: readonly (string | number)[] = [], execArgv: string[] = []) {
  const options = { execArgv, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] as ['ignore', 'ignore', 'pipe', 'ipc'] }
  const child = killOnExit(fork(new URL(file, import.meta.url), args.map(String), options))
  let errors = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).trimStart().slice(0, 2000)
  })
  const ended = new Promise<End>((resolve) => {
    child.once('close', (code, signal) => resolve(code ?? String(signal)))
  })

  /** Resolves to the next message. Rejects with the error output of the child if the child ends first. */
  const receive = async <T>(): Promise<T> => {
    const failed = ended.then((end) => Promise.reject(new Error(`${file} ended with ${end}: ${errors}`)))
    const [message] = await within(
      `a message from ${file}`,
      Promise.race([once(child, 'message'), failed]),
      CHILD_LIMIT_MS,
    )
    return message as T
  }
  /** Sends a message to the child, and resolves to the next message from the child. */
  const call = <T>(message: string): Promise<T> => {
    const reply = receive<T>()
    child.send(message)
    return reply
  }
  return { child, ended, errors: () => errors, receive, call }
}
