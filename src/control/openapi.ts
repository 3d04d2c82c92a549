import { type TSchema, Type } from '@sinclair/typebox'
import { splitEndpoint } from '../contract/index.js'
import { type Keywords, Titled, withoutIds } from '../contract/schema.js'
import { Problem } from './problem.js'
import type { AnyVerb } from './verb.js'
import { CONTROL_PREFIX, VERBS } from './verbs/index.js'

const json = (schema: TSchema, type = 'application/json') => ({ content: { [type]: { schema } } })

const problem = {
  description: 'A problem document. A request that is rejected with a 4XX status changes nothing',
  ...json(Problem, 'application/problem+json'),
}

const Health = Titled('Health', { status: Type.String() })

const DESCRIPTION = 'Reads and changes the pipelines, the clock, the faults and the journal of a sandbox.'

const PROBES = { '/health': 'Check that the mock runs', '/ready': 'Check that the mock serves requests' }

/** Returns the OpenAPI document of the control API. */
export function controlDocument() {
  const paths: Record<string, Record<string, object>> = {}
  for (const [path, summary] of Object.entries(PROBES))
    paths[CONTROL_PREFIX + path] = {
      get: { summary, responses: { 200: { description: 'The mock is up', ...json(Health) } } },
    }
  for (const [operationId, verb] of Object.entries<AnyVerb>(VERBS)) {
    const [method, relative] = splitEndpoint(verb.endpoint)
    const path = CONTROL_PREFIX + relative
    paths[path] = { ...paths[path], [method.toLowerCase()]: operationOf(operationId, verb) }
  }
  const info = { title: 'ionworks-mock control', version: '1', description: DESCRIPTION }
  return { openapi: '3.1.0', info, servers: [{ url: '/' }], paths: withoutIds(paths) }
}

function operationOf(operationId: string, { summary, shape: { params, query, body, response } }: AnyVerb) {
  const parameters = [...parametersIn('path', params), ...parametersIn('query', query)]
  return {
    operationId,
    summary,
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: json(body) }),
    responses: {
      ...(response ? { 200: { description: 'Success', ...json(response) } } : { 204: { description: 'Success' } }),
      '4XX': problem,
      '5XX': problem,
    },
  }
}

const parametersIn = (where: 'path' | 'query', schema?: Keywords) =>
  Object.entries(schema?.properties ?? {}).map(([name, property]) => ({
    name,
    in: where,
    required: Boolean(schema?.required?.includes(name)),
    schema: property,
  }))
