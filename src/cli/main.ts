#!/usr/bin/env node
import { finished } from 'node:stream'
import closeWithGrace, { type Options } from 'close-with-grace'
import { explain, runCommand } from './run.js'

const { env: environment, stdout, stderr, pid } = process

// Errors of standard output and standard error are ignored, so that `ionworks-mock help | head -1` does not fail.
for (const stream of [stdout, stderr]) stream.on('error', () => undefined)

function complain(error: unknown): number {
  const { message, exitCode } = explain(error as Error)
  stderr.write(`${message}\n`)
  return exitCode
}

/** Reads standard input to its end, and then stops the mock. An error, such as a lost terminal, is an end, too. */
const stopWithStdin = () => void finished(process.stdin.resume(), { writable: false }, close)

// The command starts in a microtask, after the signal handlers below are installed, so that no signal is lost.
const running = Promise.resolve().then(() =>
  runCommand(process.argv.slice(2), { environment, stdout, stderr, pid, stopWithStdin }),
)

/**
 * Signals that end the process as usual. With a handler, a crash of Node.js itself would raise its signal again and again:
 * for example the crash at the exit of a process whose terminal is closed.
 */
const UNHANDLED: Options['skip'] = [
  ...(['SIGHUP', 'SIGQUIT', 'SIGUSR2'] as const),
  ...(['SIGILL', 'SIGTRAP', 'SIGABRT', 'SIGBUS', 'SIGFPE', 'SIGSEGV'] as const),
]

// close-with-grace needs no time limit of its own, because `--grace` limits how long `close` takes.
const { close, uninstall } = closeWithGrace({ delay: false, skip: UNHANDLED }, async ({ err }) => {
  if (err) complain(err)
  const mock = await running
  await mock?.close()
})

try {
  if (!(await running)) uninstall()
} catch (error) {
  uninstall()
  process.exitCode = complain(error)
}
