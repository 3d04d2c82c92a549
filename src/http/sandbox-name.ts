import type { IncomingMessage } from 'node:http'
import type { FastifyRequest } from 'fastify'
import { decodePath } from './target.js'
import { DEFAULT_SANDBOX } from '../state/sandboxes.js'

const PREFIX = /^((?:https?:\/\/[^/?]*)?)(\/_sandbox\/([^/?]*))(.*)$/is

/** Where a request keeps the sandbox that its path names. */
const named = new WeakMap<IncomingMessage, { name: string; prefix: string }>()

/** Takes `/_sandbox/<name>` from the front of a target, and remembers it. */
export function takeSandbox(request: IncomingMessage, target: string): string {
  if (!target.includes('/_sandbox/')) return target
  const match = PREFIX.exec(target)
  if (!match) return target
  const [, origin, prefix, name, rest] = match as unknown as [string, string, string, string, string]
  named.set(request, { name: decodePath(name), prefix })
  return `${origin}${rest.startsWith('/') ? '' : '/'}${rest}`
}

/** `/_sandbox/<name>` as it was sent, or nothing. */
export const sandboxPrefixOf = (request: IncomingMessage): string => named.get(request)?.prefix ?? ''

const KEY = 'mock_'
const BEARER = /^Bearer +/i

/** The sandbox that a request names, by its path, a header or its key, in this order. It may be a name that cannot be. */
export function sandboxNameOf({ raw, headers }: FastifyRequest): string {
  const inPath = named.get(raw)
  if (inPath) return inPath.name
  const { 'x-mock-sandbox': header, 'x-api-key': key, authorization } = headers
  if (header !== undefined) return String(header)
  if (key === undefined && authorization === undefined) return DEFAULT_SANDBOX
  const named_by = [key, authorization?.replace(BEARER, '')].find((one) => String(one).startsWith(KEY))
  return named_by === undefined ? DEFAULT_SANDBOX : String(named_by).slice(KEY.length)
}
