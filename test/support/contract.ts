import assert from 'node:assert/strict'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { controlDocument } from '../../src/control/openapi.js'
import { patternOf } from '../../src/http/target.js'

/** A response to check. It comes from a socket or from `inject`. */
export interface CheckedResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: string
}

/** A response in an OpenAPI document, or a reference to a response in the components. */
interface Response {
  readonly $ref?: string
  readonly content?: Readonly<Record<string, object>>
}

/** The part of an OpenAPI document that `Contract` reads. */
export interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, object>>>>
  readonly components: { readonly responses?: Readonly<Record<string, Response>> }
}

const CANCEL = /^\/pipelines\/[^/]+\/cancel(\?|$)/

/**
 * Responses that are valid although the OpenAPI documents do not declare them. Each item of `bodies` is a whole body,
 * a function that returns the whole body for a path, or a pattern. A pattern is used if the body is long, or if
 * the body contains a message whose wording is not checked.
 */
const UNDECLARED: { status: number; path: RegExp; bodies: (string | RegExp | ((path: string) => string))[] }[] = [
  { status: 200, path: /^\/openapi\.json$/, bodies: [/^\{"openapi":"3\.1\.0",/] },
  { status: 200, path: /^\/_mock\/openapi\.json$/, bodies: [/^\{"openapi":"3\.1\.0",/] },
  { status: 307, path: /\/(\?|$)/, bodies: [''] },
  // With `strict`, the document contains the published description of the cancel operation, without a 401 and a 404.
  {
    status: 401,
    path: CANCEL,
    bodies: [
      '{"error_code":"UNAUTHORIZED","message":"Missing API key",' +
        '"detail":"Send any key as X-API-Key, or as a bearer token in Authorization"}',
    ],
  },
  { status: 404, path: CANCEL, bodies: [(path) => notFound(path.split('/')[2])] },
  { status: 404, path: /^/, bodies: ['{"detail":"Not Found"}'] },
  {
    status: 404,
    path: /\/_mock/,
    bodies: [
      /^\{"title":"Not Found","status":404,"code":"(?:path_not_found|control_disabled)","detail":"(?:[^"\\]|\\.)+"\}$/,
    ],
  },
  {
    status: 405,
    path: /\/_mock/,
    bodies: [/^\{"title":"Method Not Allowed","status":405,"code":"method_not_allowed","detail":"(?:[^"\\]|\\.)+"\}$/],
  },
  {
    status: 405,
    path: /^\/(pipelines|jobs|users|projects|healthz|openapi)/,
    bodies: ['{"detail":"Method Not Allowed"}'],
  },
]

const notFound = (id = '') =>
  JSON.stringify({
    error_code: 'NOT_FOUND',
    message: 'Pipeline not found',
    detail: `There is no pipeline with the id ${decoded(id)}`,
  })

const isListed = (method: string, path: string, { status, body }: CheckedResponse) =>
  (method === 'HEAD' && body === '') ||
  UNDECLARED.some(
    (one) =>
      one.status === status &&
      one.path.test(path) &&
      one.bodies.some((expected) => {
        if (expected instanceof RegExp) return expected.test(body)
        return body === (typeof expected === 'string' ? expected : expected(path))
      }),
  )

const contracts = new Map<string, Contract>()

/**
 * Returns a `Contract` for the OpenAPI documents of both APIs. `document` is the document of the mocked API, as JSON
 * text. Calls with equal texts return the same `Contract`, so schemas are compiled only once.
 */
export function contractOf(document: string): Contract {
  const contract = contracts.get(document) ?? new Contract(JSON.parse(document) as Document, controlDocument())
  contracts.set(document, contract)
  return contract
}

/** Checks responses against OpenAPI documents. The validator is Ajv, which the mock itself does not use. */
export class Contract {
  readonly #ajv = addFormats.default(new Ajv2020({ strict: false, allErrors: true }))
  readonly #operations: {
    id: string
    document: Document
    method: string
    pattern: RegExp
    template: string
    responses: Readonly<Record<string, Response>>
  }[]

  constructor(...documents: readonly Document[]) {
    for (const [i, document] of documents.entries()) this.#ajv.addSchema(document, `document${i}`)
    this.#operations = documents.flatMap((document, i) =>
      Object.entries(document.paths).flatMap(([template, methods]) =>
        Object.entries(methods).map(([method, operation]) => ({
          id: `document${i}`,
          document,
          method: method.toUpperCase(),
          pattern: patternOf(template),
          template,
          responses: (operation as { responses: Record<string, Response> }).responses,
        })),
      ),
    )
  }

  /**
   * Checks that a response has a correlation id, and that an OpenAPI document declares the status, the content type
   * and the body of the response. A response whose status is not declared is accepted if `UNDECLARED` lists the
   * response, or if it is an empty response to a HEAD request. Throws if a check fails.
   */
  check(method: string, path: string, response: CheckedResponse): void {
    const { status, headers, body } = response
    const summary = `${method} ${path.slice(0, 100)} → ${status} ${body.slice(0, 300)}`
    assert.match(String(headers['x-correlation-id']), /^00000000-0000-4000-8000-[0-9a-f]{12}$/, summary)
    const operation = this.#operations.find((one) => one.method === method && one.pattern.test(decoded(path)))
    const declared = operation?.responses[status]
    if (!declared) {
      assert.ok(isListed(method, path, response), `undeclared response, not listed in UNDECLARED: ${summary}`)
      return
    }
    const { document, id, template } = operation
    const place = declared.$ref?.split('/').slice(1) ?? ['paths', template, method.toLowerCase(), 'responses', status]
    const { content } = declared.$ref ? (document.components.responses?.[String(place.at(-1))] as Response) : declared
    const [type = 'application/json'] = Object.keys(content ?? {})
    assert.equal(headers['content-type'], type, summary)
    if (!content) return assert.equal(body, '', summary)
    const pointer = [...place, 'content', type, 'schema']
      .map((step) => encodeURIComponent(String(step).replaceAll('/', '~1')))
      .join('/')
    const validate = this.#ajv.getSchema(`${id}#/${pointer}`) as ValidateFunction
    assert.ok(validate(JSON.parse(body)), `${summary}\n${this.#ajv.errorsText(validate.errors)}`)
  }
}

/**
 * Removes the origin, the sandbox prefix and the query from a path. Decodes the result if all its escapes are valid.
 */
function decoded(path: string): string {
  const bare = path
    .replace(/^http:\/\/[^/]*/, '')
    .replace(/^\/_sandbox\/[^/]*/, '')
    .split('?', 1)[0] as string
  try {
    return decodeURIComponent(bare)
  } catch {
    return bare
  }
}
