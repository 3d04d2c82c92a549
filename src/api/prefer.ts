import type { FastifyRequest } from 'fastify'
import type { ValidationError } from '../contract/index.js'
import { faultAt, missing, noString } from './fastapi/error-types.js'

const CODE_422 = /(^|[,;])\s*code\s*=\s*("422"|422)\s*($|[,;])/i

/**
 * The documented 422 on demand: `Prefer: code=422`, as Prism has it. Nothing that a client sends to most operations
 * can cause one, so the fault is what pydantic would say if the first parameter were missing or no text.
 */
export function forcedFault(request: FastifyRequest): ValidationError | undefined {
  const { prefer } = request.headers
  if (prefer === undefined || !CODE_422.test(String(prefer))) return undefined
  const [parameter] = Object.keys(request.params as object)
  if (parameter) return faultAt(['path', parameter], null, noString)
  return faultAt(request.method === 'POST' ? ['body'] : ['query', 'project_id'], null, missing)
}
