import type { FastifyRequest } from 'fastify'
import { UNSERVED } from '../contract/unserved.js'
import { decodePath, patternOf, targetOf, withoutTrailingSlashes } from '../http/target.js'

const PATHS = Object.entries(UNSERVED).map(([path, methods]) => ({
  path,
  methods: methods.split(' '),
  pattern: patternOf(path),
}))

/**
 * Returns a function that logs a warning if a request is for an operation of the real service that the mock does not
 * serve. Without the warning, the 404 would look like an unknown id, and the official client turns some of these 404s
 * into empty results. The function logs only one warning for each operation, even if later requests have other ids in
 * the path.
 */
export function unservedWarner(): (request: FastifyRequest) => void {
  const warned = new Set<string>()
  return (request) => {
    const requested = withoutTrailingSlashes(decodePath(targetOf(request).path))
    const known = PATHS.find(({ methods, pattern }) => methods.includes(request.method) && pattern.test(requested))
    const operation = known && `${request.method} ${known.path}`
    if (operation === undefined || warned.has(operation)) return
    warned.add(operation)
    request.log.warn(
      `${operation} is an operation of the real service, but ionworks-mock does not have this operation; this warning is logged only once`,
    )
  }
}
