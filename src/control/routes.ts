import { splitEndpoint } from '../contract/index.js'
import { patternOf } from '../http/target.js'
import { CONTROL_PREFIX, VERBS } from './verbs/index.js'

/** The probes, by path. The mock serves the probes even if the rest of the control API is off. */
export const PROBES = {
  '/health': { operationId: 'health', summary: 'Check that the mock runs', status: 'ok' },
  '/ready': { operationId: 'ready', summary: 'Check that the mock serves requests', status: 'ready' },
} as const

/** The methods of the probes. */
export const PROBE_METHODS = ['GET', 'HEAD'] as const

const route = (method: string, path: string) => ({ method, pattern: patternOf(CONTROL_PREFIX + path) })

const PROBE_ROUTES = Object.keys(PROBES).flatMap((path) => PROBE_METHODS.map((method) => route(method, path)))
const ROUTES = [
  ...PROBE_ROUTES,
  route('GET', '/openapi.json'),
  ...Object.values(VERBS).map(({ endpoint }) => route(...splitEndpoint(endpoint))),
]

/**
 * Returns the methods of the routes that match a decoded path. If `isOn` is false, the control API is off, and only the
 * probes match.
 */
export const methodsAt = (path: string, isOn: boolean): string[] =>
  (isOn ? ROUTES : PROBE_ROUTES).filter(({ pattern }) => pattern.test(path)).map(({ method }) => method)
