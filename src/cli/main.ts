#!/usr/bin/env node
import { finished } from 'node:stream'
import closeWithGrace, { type Options } from 'close-with-grace'
import type { Mock } from '../mock.js'
import type { Settings } from '../options/options.js'
import { explain, runCommand } from './run.js'

const STOP_SIGNALS = ['SIGTERM', 'SIGINT'] as const
const { env: environment, stdout, stderr, pid } = process

// Errors of standard output and standard error are ignored, so that `ionworks-mock help | head -1` does not fail.
for (const stream of [stdout, stderr]) stream.on('error', () => undefined)

function complain(error: unknown): number {
  const { message, exitCode } = explain(error as Error)
  stderr.write(`${message}\n`)
  return exitCode
}

/**
 * Process 1, the main process of a container, needs this handler: the kernel gives it no default action for signals.
 */
const exitBySignal = (_: NodeJS.Signals, number: number) => process.exit(128 + number)
if (pid === 1) for (const signal of STOP_SIGNALS) process.on(signal, exitBySignal)

/**
 * Signals that keep their default action, which ends the process. If these signals had a handler, a crash of Node.js
 * would raise the same signal again and again. Node.js crashes, for example, if it exits after its terminal was closed.
 */
const UNHANDLED: NonNullable<Options['skip']> = [
  ...(['SIGHUP', 'SIGQUIT', 'SIGUSR2'] as const),
  ...(['SIGILL', 'SIGTRAP', 'SIGABRT', 'SIGBUS', 'SIGFPE', 'SIGSEGV'] as const),
]

/**
 * Closes the mock when a signal arrives. With `--stop-with-stdin`, also closes the mock when standard input ends.
 * Before the mock listens, a signal has its default action, which ends the process at once. A handler would have to
 * wait until the fixtures are parsed, which may take seconds.
 */
function closeLater(mock: Mock, { stopWithStdin }: Pick<Settings, 'stopWithStdin'>): void {
  // close-with-grace needs no time limit of its own, because `--grace` limits how long `close` takes.
  const { close } = closeWithGrace({ delay: false, skip: UNHANDLED }, async ({ err }) => {
    if (err) complain(err)
    await mock.close()
  })
  for (const signal of STOP_SIGNALS) process.removeListener(signal, exitBySignal)
  // Reads standard input to its end. An error of standard input, such as a lost terminal, counts as its end.
  if (stopWithStdin) finished(process.stdin.resume(), { writable: false }, close)
}

try {
  await runCommand(process.argv.slice(2), {
    ...{ environment, stdout, stderr, pid, onListening: closeLater },
    // A getter, because access to `process.stdin` opens standard input.
    get stdin() {
      return process.stdin
    },
  })
} catch (error) {
  process.exitCode = complain(error)
}
