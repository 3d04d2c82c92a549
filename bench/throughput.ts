// Measures the requests per second, the latency and the processor time of all servers under load. Each round measures
// every server once for each number of connections.
import { run } from '../test/support/processes.js'
import type { Context } from './context.js'
import { load, pathsFile } from './load.js'
import { rotated } from './measures.js'
import { CANCEL } from './pipelines.js'
import { sendOk, type Server } from './subjects.js'

const CONNECTIONS = [1, 16, 256]

const MEASURES = [
  ['rps', 'requests/s', 'requests/s'],
  ['cpu', 'CPU per request', 'µs'],
  ['p50', 'p50 latency', 'µs'],
  ['p99', 'p99 latency', 'µs'],
] as const

type NamedServer = Server & { readonly name: string }

/** Joins the first line and the last three lines of an error message into one line. */
function shortMessage(error: unknown): string {
  const lines = (error as Error).message.trim().split('\n')
  return [...new Set([lines[0], ...lines.slice(-3)])].join(' / ')
}

/** Starts the servers. Adds a note for each server that fails, runs on another Node.js, or sends another body. */
async function startAll({ subjects, body, notes }: Context): Promise<NamedServer[]> {
  const servers: NamedServer[] = []
  for (const { name, version, start } of subjects) {
    try {
      const server = await start()
      servers.push({ ...server, name })
      if (server.node !== process.execPath)
        notes.push(`${name}, version ${version}: runs on Node.js ${await run(server.node, ['--version'])}.`)
      if ((await sendOk(server, CANCEL)) !== body)
        notes.push(`${name}, version ${version}: sends a different body than the mock.`)
    } catch (error) {
      notes.push(`**${name}, version ${version}: not measured:** ${shortMessage(error)}`)
    }
  }
  return servers
}

export async function measureThroughput(context: Context): Promise<void> {
  const { measures, plan, notes } = context
  const servers = await startAll(context)
  const working = new Set(servers)
  const file = pathsFile([CANCEL.path])
  /** Measures a server under load. Returns undefined if the server fails now or has failed before. */
  const loadOf = async (server: NamedServer, connections: number, seconds: number) => {
    if (!working.has(server)) return undefined
    try {
      return await load(server, { file, connections, seconds })
    } catch (error) {
      working.delete(server)
      notes.push(`**${server.name}: failed, and is no longer measured:** ${shortMessage(error)}`)
      return undefined
    }
  }
  for (const server of servers) await loadOf(server, 16, plan.warmup)
  for (let round = 0; round < plan.rounds; round++) {
    console.error(`  round ${round + 1} of ${plan.rounds}`)
    for (const connections of CONNECTIONS)
      for (const server of rotated(servers, round)) {
        // Warms up the server, which was idle while the others were measured. wrk accepts only whole seconds.
        await loadOf(server, connections, Math.ceil(plan.seconds / 2))
        const result = await loadOf(server, connections, plan.seconds)
        for (const [key, name, unit] of MEASURES) {
          const measure = `${name}, ${connections} conn.`
          measures.add({ section: 'load', measure, unit, against: 'bare' }, server.name, result?.[key])
        }
      }
  }
  for (const server of servers) await server.stop()
}
