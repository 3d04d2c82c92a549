// Requests per second, latency and processor time of all subjects, side by side.
import process from 'node:process'
import { load, pathsFile } from './load.js'
import { rotated } from './measures.js'
import { CANCEL } from './paths.js'
import { stop } from './processes.js'
import { ask } from './subjects.js'

const CONNECTIONS = [1, 16, 256]

/** Starts what can be started; the reason why something cannot is noted. */
async function startAll(subjects, bytes, notes) {
  const servers = []
  for (const { name, version, start } of subjects) {
    try {
      const server = await start()
      servers.push({ name, ...server })
      if (server.node) notes.push(`${name} ${version} runs on Node.js ${server.node}.`)
      const { status, body } = await ask(server.port, 'POST', CANCEL)
      if (status !== 200 || body !== bytes) notes.push(`${name} ${version} does not answer the same bytes.`)
    } catch (error) {
      notes.push(`**${name} ${version} is not measured:** ${error.message}`)
    }
  }
  return servers
}

export async function measureThroughput({ measures, plan, subjects, bytes, notes }) {
  const section = 'load'
  const servers = await startAll(subjects, bytes, notes)
  const started = [...servers]
  const file = pathsFile([CANCEL])
  /** One run; a server that fails is left out from then on. */
  const runOn = async (server, connections, seconds) => {
    try {
      return await load(server, { file, connections, seconds })
    } catch (error) {
      notes.push(`**${server.name} is left out from here on:** ${error.message}`)
      servers.splice(servers.indexOf(server), 1)
      return {}
    }
  }
  for (const server of started) await runOn(server, 16, plan.warmup)
  for (let round = 0; round < plan.rounds; round++) {
    process.stderr.write(`  round ${round + 1} of ${plan.rounds}\n`)
    for (const connections of CONNECTIONS)
      for (const server of rotated(servers, round)) {
        // It has been idle for long while others were measured.
        await runOn(server, connections, plan.seconds / 2)
        const { rps, p50, p99, cpu } = await runOn(server, connections, plan.seconds)
        const add = (what, unit, sample) =>
          measures.add(
            { section, measure: `${what}, ${connections} conn.`, unit, against: 'bare' },
            server.name,
            sample,
          )
        add('requests/s', 'requests/s', rps)
        add('CPU per request', 'µs', cpu)
        add('p50 latency', 'µs', p50)
        add('p99 latency', 'µs', p99)
      }
  }
  for (const { child } of started) await stop(child)
}
