import type { TSchema } from '@sinclair/typebox'
import { CALLS, type CallName, type CallShape, PREFIX } from './calls.js'
import { Health, Problem } from './shapes.js'

const json = (schema: TSchema, type = 'application/json') => ({ content: { [type]: { schema } } })

const problem = { description: 'What was wrong; nothing has changed', ...json(Problem, 'application/problem+json') }

/** The OpenAPI document of control. */
export function controlDocument() {
  const paths: Record<string, Record<string, object>> = {}
  for (const [url, summary] of Object.entries({ '/health': 'Whether it runs', '/ready': 'Whether it serves' }))
    paths[`${PREFIX}${url}`] = { get: { summary, responses: { 200: { description: 'It does', ...json(Health) } } } }
  for (const name of Object.keys(CALLS) as CallName[]) {
    const { method, url } = CALLS[name]
    const path = `${PREFIX}${url.replace(/:(\w+)/g, '{$1}')}`
    paths[path] = { ...paths[path], [method.toLowerCase()]: operationOf(name) }
  }
  const info = { title: 'ionworks-mock control', version: '1', description: 'What a test can do to its sandbox.' }
  // The `$id`s belong to the document of the mocked API.
  const plain = JSON.stringify(paths, (key, value) => (key === '$id' ? undefined : value))
  return { openapi: '3.1.0', info, servers: [{ url: '/' }], paths: JSON.parse(plain) }
}

function operationOf(operationId: CallName) {
  const { summary, params, query, body, answer }: CallShape = CALLS[operationId]
  const parameters = [...parametersIn('path', params), ...parametersIn('query', query)]
  return {
    operationId,
    summary,
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: json(body) }),
    responses: {
      ...(answer ? { 200: { description: 'Done', ...json(answer) } } : { 204: { description: 'Done' } }),
      '4XX': problem,
      '5XX': problem,
    },
  }
}

const parametersIn = (where: 'path' | 'query', schema?: TSchema) =>
  Object.entries<TSchema>(schema?.properties ?? {}).map(([name, property]) => ({
    name,
    in: where,
    required: Boolean(schema?.required?.includes(name)),
    schema: property,
  }))
