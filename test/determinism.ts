import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'

const run = promisify(execFile)
const SCRIPT = fileURLToPath(new URL('fixtures/transcript.ts', import.meta.url))

const transcript = async (environment: Record<string, string>) => {
  const env = { ...process.env, ...environment }
  return (await run(process.execPath, [...process.execArgv, SCRIPT], { env, maxBuffer: Number.POSITIVE_INFINITY }))
    .stdout
}

t.test(
  'the same calls on the same fixtures under a frozen clock get the same bytes, wherever they are made',
  async (t) => {
    const [here, there] = await Promise.all([
      transcript({ TZ: 'America/St_Johns', LC_ALL: 'de_DE.UTF-8', LANG: 'de_DE.UTF-8' }),
      transcript({ TZ: 'Asia/Kathmandu', LC_ALL: 'tr_TR.UTF-8', LANG: 'tr_TR.UTF-8' }),
    ])
    t.ok(here.split('\n').length > 100)
    t.match(here, /"status":"canceled"/)
    t.ok(there === here)
  },
)
