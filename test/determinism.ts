import { fileURLToPath } from 'node:url'
import t from 'tap'
import { run } from './support/processes.js'

const SCRIPT = fileURLToPath(new URL('support/transcript.js', import.meta.url))

const transcript = (environment: Record<string, string>) =>
  run(process.execPath, [SCRIPT], { env: { ...process.env, ...environment } })

t.test('the responses under a frozen clock are the same in every time zone and locale', async (t) => {
  const [one, other] = await Promise.all([
    transcript({ TZ: 'America/St_Johns', LC_ALL: 'de_DE.UTF-8', LANG: 'de_DE.UTF-8' }),
    transcript({ TZ: 'Asia/Kathmandu', LC_ALL: 'tr_TR.UTF-8', LANG: 'tr_TR.UTF-8' }),
  ])
  t.ok(one.split('\n').length > 100)
  t.match(one, /"status":"canceled"/)
  t.ok(one === other)
})
