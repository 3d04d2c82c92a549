import type { FastifyReply, FastifyRequest } from 'fastify'
import { parseDuration } from '../pipelines/duration.js'
import { type Ended, type Fault, Wait } from '../state/faults.js'
import { refusalFor, refuse } from './errors.js'

/** Does to a request what its fault says is done before it is done; resolves when it may go on, if it ever may. */
export async function injureRequest({ raw: request }: FastifyRequest, reply: FastifyReply, fault: Fault) {
  const { respond, delay, disconnect, hang, hold } = fault.plan
  if (respond) {
    const { status, body, headers = {} } = respond
    reply.headers(lowerCased(headers))
    if (body === undefined) return refuse(reply, refusalFor(status))
    if (typeof body === 'string') reply.serializer(String)
    return reply.code(status).send(body)
  }
  const length = delay === undefined ? undefined : parseDuration(delay)
  const waits = hang || hold === 'before' || length !== undefined
  const ended = waits ? await wait(fault, reply, length) : 'released'
  if (ended === 'released' && !hang && disconnect !== 'before') return
  request.destroy()
  return never()
}

/** Does to an answer what its fault says; resolves when it may be sent, if it ever may. */
export async function injureAnswer(reply: FastifyReply, fault: Fault, payload: unknown) {
  const { disconnect, hold, truncate } = fault.plan
  const ended = hold === 'after' ? await wait(fault, reply) : 'released'
  if (ended === 'released' && disconnect !== 'after' && truncate === undefined) return payload
  if (truncate !== undefined) await breakOff(reply, Buffer.from(String(payload ?? '')), truncate)
  reply.raw.destroy()
  return never()
}

/** Until it is released, or cut off, as when the client has gone. */
const wait = (fault: Fault, { raw }: FastifyReply, ms?: number) =>
  new Promise<Ended>((resolve) => {
    const waiting = new Wait(fault, ms, resolve)
    raw.once('close', () => waiting.end('cut'))
  })

/** Sends the head of the whole answer, and so many bytes of its body. */
function breakOff(reply: FastifyReply, body: Buffer, bytes: number): Promise<unknown> {
  const headers = { ...reply.getHeaders(), 'content-length': body.length } as Record<string, string | number>
  reply.raw.writeHead(reply.statusCode, headers)
  return new Promise((resolve) => {
    reply.raw.flushHeaders()
    reply.raw.write(body.subarray(0, bytes), resolve)
  })
}

const lowerCased = (headers: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))

/** What a request waits for that was cut off. Each waits for its own: one for all would keep all of them. */
const never = () => new Promise<never>(() => undefined)
