import type { ServerResponse } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { parseDuration } from '../time/duration.js'
import { type Ended, type Fault, Wait } from '../state/faults.js'
import { refusalFor, sendError } from './errors.js'

/** Does to a request what its fault says is done before it is done; resolves when it may go on, if it ever may. */
export async function injureRequest({ raw: request }: FastifyRequest, reply: FastifyReply, fault: Fault) {
  const { respond, delay, disconnect, hang, hold } = fault.plan
  if (respond) {
    const { status, body, headers = {} } = respond
    reply.headers(lowerCased(headers))
    if (body === undefined) return sendError(reply, refusalFor(status))
    if (typeof body === 'string') reply.serializer(String)
    return reply.code(status).send(body)
  }
  const length = delay === undefined ? undefined : parseDuration(delay)
  const waits = hang || hold === 'before' || length !== undefined
  const ended = waits ? await wait(fault, reply.raw, length) : 'released'
  if (ended === 'released' && !hang && disconnect !== 'before') return
  request.destroy()
  return never()
}

/** Does to an answer what its fault says, as soon as it is to leave. */
export function injureAnswer({ raw }: FastifyReply, fault: Fault): void {
  const { disconnect, hold, truncate } = fault.plan
  if (disconnect !== 'after' && hold !== 'after' && truncate === undefined) return
  const end = raw.end.bind(raw)
  const injured = (body: string | Buffer | null) => {
    const leave = (ended: Ended) => {
      if (ended === 'released' && hold === 'after') return void end(body)
      if (truncate === undefined) return void raw.destroy()
      raw.flushHeaders()
      raw.write(Buffer.from(body ?? '').subarray(0, truncate), () => raw.destroy())
    }
    if (hold === 'after') void wait(fault, raw).then(leave)
    else leave('released')
    return raw
  }
  raw.end = injured as typeof raw.end
}

/** Until it is released, or cut off, as when the client has gone. */
const wait = (fault: Fault, answer: ServerResponse, ms?: number) =>
  new Promise<Ended>((resolve) => {
    const waiting = new Wait(fault, ms, resolve)
    answer.once('close', () => waiting.end('cut'))
  })

const lowerCased = (headers: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))

/** What a request waits for that was cut off. Each waits for its own: one for all would keep all of them. */
const never = () => new Promise<never>(() => undefined)
