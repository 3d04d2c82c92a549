// A plugin for Stryker, which tests changed versions of the code (mutants). The plugin selects a sample of the
// mutants: the MUTATION_SIZE mutants with the lowest hashes. The hashes depend on MUTATION_SEED. The plugin reports
// all other mutants as compile errors, so that Stryker does not test them.
import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import { type Checker, type CheckResult, CheckStatus } from '@stryker-mutator/api/check'
import type { Mutant } from '@stryker-mutator/api/core'
import { declareClassPlugin, PluginKind } from '@stryker-mutator/api/plugin'

const { MUTATION_SEED = '1', MUTATION_SIZE = '100' } = process.env

function hashOf({ fileName, location: { start, end }, replacement }: Mutant): string {
  const place = [start.line, start.column, end.line, end.column].join(':')
  const text = [MUTATION_SEED, basename(fileName), place, replacement].join('\n')
  return createHash('sha256').update(text).digest('hex')
}

class SampleChecker implements Checker {
  async init(): Promise<void> {
    // Nothing to set up.
  }

  async group(mutants: Mutant[]): Promise<string[][]> {
    // One group, so that `check` gets all mutants at once and can compare their hashes.
    return [mutants.map(({ id }) => id)]
  }

  async check(mutants: Mutant[]): Promise<Record<string, CheckResult>> {
    const hashes = new Map(mutants.map((mutant) => [mutant.id, hashOf(mutant)]))
    const sorted = [...hashes.values()].sort()
    const limit = sorted[Number(MUTATION_SIZE)] ?? 'g'
    const results = mutants.map(({ id }): [string, CheckResult] => {
      const isSampled = (hashes.get(id) ?? '') < limit
      return [
        id,
        isSampled ? { status: CheckStatus.Passed } : { status: CheckStatus.CompileError, reason: 'not in the sample' },
      ]
    })
    return Object.fromEntries(results)
  }
}

export const strykerPlugins = [declareClassPlugin(PluginKind.Checker, 'sample', SampleChecker)]
