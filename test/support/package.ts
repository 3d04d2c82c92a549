import { join } from 'node:path'
import { ROOT } from './paths.js'
import { run } from './processes.js'

/** Builds the package, and packs it into a tarball in `folder`. Returns the path of the tarball. */
export async function pack(folder: string): Promise<string> {
  const lines = await run('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: ROOT })
  return join(folder, lines.split('\n').at(-1) as string)
}
