#!/usr/bin/env node
import closeWithGrace from 'close-with-grace'
import { explain, runCommand } from './run.js'

const { env: environment, stdout, stderr, pid } = process

/** A reader of the output may close it early, as `head` does. */
for (const stream of [stdout, stderr]) stream.on('error', () => undefined)

function complain(error: unknown): number {
  const { message, exitCode } = explain(error as Error)
  stderr.write(`${message}\n`)
  return exitCode
}

/** Starts after the handlers of signals are installed, so that none is lost. */
const running = Promise.resolve().then(() => runCommand(process.argv.slice(2), { environment, stdout, stderr, pid }))

// A stop takes as long as `--grace` allows, and needs no other limit.
const { uninstall } = closeWithGrace({ delay: false }, async ({ err }) => {
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
