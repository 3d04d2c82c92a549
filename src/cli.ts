#!/usr/bin/env node
import closeWithGrace from 'close-with-grace'
import { explain, runCommand } from './command.js'

const { env: environment, stdout, stderr, pid } = process

/** Whoever read what is written here may go away before the end, as `head` does. */
for (const stream of [stdout, stderr]) stream.on('error', () => undefined)

function complain(error: unknown): number {
  const { message, exitCode } = explain(error as Error)
  stderr.write(`${message}\n`)
  return exitCode
}

try {
  const mock = await runCommand(process.argv.slice(2), { environment, stdout, stderr, pid })
  // A stop takes as long as `--grace` allows, and needs no other bound.
  if (mock)
    closeWithGrace({ delay: false }, async ({ err }) => {
      if (err) complain(err)
      await mock.close()
    })
} catch (error) {
  process.exitCode = complain(error)
}
