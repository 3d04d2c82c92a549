import { type TSchema, Type } from '@sinclair/typebox'
import { type ControlErrorCode, ERROR_CODES } from '../contract/codes.js'
import { MODELS, Pipeline, splitEndpoint } from '../contract/index.js'
import { isObject, type Keywords, Named, published, undescribed } from '../contract/schema.js'
import { isFixtureSchema } from '../fixtures/schema.js'
import { NAME } from '../state/sandboxes.js'
import { Problem } from './problem.js'
import { PROBES } from './routes.js'
import type { AnyVerb } from './verb.js'
import { CONTROL_PREFIX, VERB_GROUPS } from './verbs/index.js'

const INFO = {
  title: 'ionworks-mock control',
  version: '1',
  description: 'Reads and changes the pipelines, the clock, the faults and the journal of a sandbox.',
  license: { name: 'MIT', identifier: 'MIT' },
}

/** The tags of operations, with their descriptions: the groups of verbs, and the probes. */
const TAGS: Record<'probes' | keyof typeof VERB_GROUPS, string> = {
  probes: 'Checks whether the mock is up. These calls need no token',
  mock: 'Resets, fixtures, snapshots and information about the mock',
  pipelines: 'Pipelines and their elements, without requests to the mocked API',
  plans: 'Plans for pipelines that clients create',
  clock: 'The clock of a sandbox',
  requests: 'The journal of a sandbox: the requests that the mocked API received',
  faults: 'Faults, which replace, delay or break responses of the mocked API',
  sandboxes: 'Named sandboxes',
}

const Health = Named('Health', { status: Type.String() })

const json = (schema: TSchema, type = 'application/json') => ({ content: { [type]: { schema } } })
const success = (schema: TSchema) => ({ description: 'Success', ...json(schema) })

/** The components that operations refer to, except the schemas. */
const COMPONENTS = {
  responses: {
    Problem: {
      description: 'A problem document. A request that is rejected with a 4XX status changes nothing',
      ...json(Problem, 'application/problem+json'),
    },
  },
  parameters: {
    SandboxName: {
      name: 'X-Mock-Sandbox',
      in: 'header',
      description:
        'Name of the sandbox. A name in the path, such as `/_sandbox/retry/_mock/clock`, takes precedence. ' +
        'Default: the name in an API key `mock_<name>` or, without such a key, `default`',
      schema: Type.String({ pattern: NAME.source }),
    },
  },
  securitySchemes: {
    Token: {
      type: 'apiKey',
      in: 'header',
      name: 'X-Mock-Token',
      description: 'The value of the option `--control-token`. Without this option, requests need no token',
    },
  },
}

/** Returns the OpenAPI document of the control API. */
export function controlDocument() {
  const paths: Record<string, Record<string, object>> = {}
  const add = (method: string, path: string, operation: object) => {
    paths[CONTROL_PREFIX + path] = { ...paths[CONTROL_PREFIX + path], [method.toLowerCase()]: operation }
  }
  for (const [path, { operationId, summary }] of Object.entries(PROBES))
    add('GET', path, { operationId, summary, tags: ['probes'], security: [], responses: { 200: success(Health) } })
  for (const [tag, verbs] of Object.entries<Record<string, AnyVerb>>(VERB_GROUPS))
    for (const [operationId, verb] of Object.entries(verbs))
      add(...splitEndpoint(verb.endpoint), operationOf(operationId, tag, verb))
  const { publish, schemas } = publisher()
  return {
    openapi: '3.1.0',
    info: INFO,
    servers: [{ url: '/' }],
    security: [{}, { Token: [] }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    ...(publish({ paths }) as { paths: typeof paths }),
    components: { schemas, ...(publish(COMPONENTS) as typeof COMPONENTS) },
  }
}

function operationOf(operationId: string, tag: string, verb: AnyVerb) {
  const { params, query, body } = verb.shape
  return {
    operationId,
    summary: verb.summary,
    tags: [tag],
    parameters: [
      { $ref: '#/components/parameters/SandboxName' },
      ...parametersIn('path', params),
      ...parametersIn('query', query),
    ],
    ...(body && { requestBody: { required: isNeeded(body), ...json(body) } }),
    responses: responsesOf(verb),
  }
}

const parametersIn = (where: 'path' | 'query', schema?: Keywords) =>
  Object.entries(schema?.properties ?? {}).map(([name, property]) => ({
    name,
    in: where,
    required: Boolean(schema?.required?.includes(name)),
    schema: property,
  }))

/** Returns whether a request needs a body. The control API treats an absent body as an empty object. */
const isNeeded = (body: Keywords) => Boolean(body.required?.length) || isFixtureSchema(body) || published in body

function responsesOf({ endpoint, shape: { body, response, errors = [] } }: AnyVerb) {
  const codes: ControlErrorCode[] = [
    ...(['invalid_request', 'invalid_sandbox_name', 'invalid_token', 'forbidden_host', 'forbidden_origin'] as const),
    ...(endpoint.startsWith('GET') ? [] : (['unreadable_body', 'body_too_large'] as const)),
    ...(body && isFixtureSchema(body) ? (['invalid_fixture'] as const) : []),
    ...errors,
    ...(['out_of_memory', 'internal_error'] as const),
    ...(response ? (['response_too_large'] as const) : []),
  ]
  const problems: Record<number, object> = {}
  for (const { status } of codes.map((code) => ERROR_CODES[code])) {
    const listed = codes.filter((code) => ERROR_CODES[code].status === status).map((code) => `\`${code}\``)
    problems[status] = { $ref: '#/components/responses/Problem', description: listed.join(', ') }
  }
  return { ...(response ? { 200: success(response) } : { 204: { description: 'Success' } }), ...problems }
}

const BY_ID = new Map([Pipeline, ...MODELS].map((model) => [model.$id, model]))

/**
 * Returns a function that converts schemas, and objects that contain schemas, to plain JSON. The function moves each
 * schema that has a name to `schemas`, and replaces the schema with a reference.
 */
function publisher() {
  const schemas: Record<string, object> = {}
  const publish = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(publish)
    if (!isObject(value)) return value
    const schema = (BY_ID.get(value.$ref as string) ?? value) as Keywords
    return schema.$id === undefined ? publishEach(schema[published] ?? schema) : reference(schema)
  }
  const publishEach = (value: object): object =>
    Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, publish(inner)]))
  const reference = (schema: Keywords): object => {
    const named = schema[undescribed] ?? schema
    const { $id, ...shape } = named
    const name = String($id)
    if (!(name in schemas)) {
      schemas[name] = {}
      schemas[name] = { ...publishEach(named[published] ?? shape), title: name }
    }
    return { $ref: `#/components/schemas/${name}`, ...(named !== schema && { description: schema.description }) }
  }
  return { publish, schemas }
}
