#!/usr/bin/env node
import closeWithGrace from 'close-with-grace'
import { explain, runCommand } from './command.js'

const { env: environment, stdout, stderr, pid } = process

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
