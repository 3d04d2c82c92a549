import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import fc from 'fast-check'
import t from 'tap'
import { controlDocument } from '../../src/control/openapi.js'
import type { ErrorCode, Issue } from '../../src/index.js'
import { runs } from '../support/runs.js'
import { inProcess, NOW, serve } from '../support/serve.js'

/** The keywords of the published schemas that `matching` reads. */
interface Schema {
  readonly $ref?: string
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly type?: string
  readonly format?: string
  readonly pattern?: string
  readonly minimum?: number
  readonly items?: Schema
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly propertyNames?: Schema
  readonly patternProperties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: Schema | boolean
}

const document = controlDocument()
const ajv = addFormats.default(new Ajv2020({ strict: false })).addSchema(document, 'control')

const DURATIONS = [
  ...['0s', '1.5h', '250ms', '0.001ms', '0.0001ms', '1.0000000s', '1.00000000000001s', '0.3333333h', '3600001ms'],
  ...['61m', '1h', '60.5m', '2s ', '-1s', '+1s', '1e3s', '.5s', '5.s', '5', 's', '1d', '1H', '999999999999999999h'],
  ...['PT0S', 'PT1M30.5S', 'P1DT12H', 'P1W', 'P1W2DT3H4M5S', 'P90000D', 'P91500D', 'P91501D', 'P250000D', 'PT1S\n'],
  ...[
    'PT59M60S',
    'PT59M61S',
    'PT61M',
    'P',
    'PT',
    'P1DT',
    'P1Y',
    'P1M',
    '+PT1S',
    '-PT1S',
    '-PT0S',
    'PT.5S',
    'PT1.S',
    'PT1.5M',
  ],
  ...['P9999999999999999D', 'PT0.0000001S', 'p1d', 'P1D ', '2191560h', '999999999999999999999999999999999h'],
]
const TIMES = [
  ...['2026-10-01T12:00:00Z', '2026-10-01t12:00:00z', '2026-10-01 12:00:00Z', '2026-10-01T12:00:00', '2026-10-01'],
  ...['2026-10-01T12:00:00.123456789Z', '2026-10-01T12:00:00.1234567890Z', '2026-10-01T12:00:00.Z', '-PT2H', 'P1DT2H'],
  ...['2026-02-29T12:00:00Z', '2024-02-29T12:00:00Z', '2026-04-31T12:00:00Z', '2026-10-01T24:00:00Z', '-P99999999D'],
  ...['2026-10-01T23:59:60Z', '2026-12-31T23:59:60Z', '2026-10-01T12:00:00+01', '2026-10-01T12:00:00+0130', 'P1D '],
  ...['2026-10-01T12:00:00+24:00', '2026-10-01T12:00:00+23:59', '2026-10-01T12:00:00-00:00', '2026-10-01T12:60:00Z'],
  ...['0000-01-01T00:00:00+01:00', '9999-12-31T23:59:59-01:00', '0000-01-01T00:00:00Z', '9999-12-31T23:59:59.999999Z'],
  ...['0001-01-01T00:00:00+23:59', '9998-12-31T23:59:59-23:59', '2026-10-01T12:00:00Z\n', '10000-01-01T00:00:00Z'],
  ...['9000-01-01T00:00:00+01:00', '2026-13-01T12:00:00Z', '2026-00-10T12:00:00Z', '2026-10-01\t12:00:00Z'],
]
const NAMES = ['a b', 'a/b', '\ud800', 'a\udc00', '😀', '', ' ', 'a\nb', 'é', '→', '__proto__', 'constructor']
const HEADERS = [
  ...['Connection', 'Set-Cookie', 'Content-Length', 'x-correlation-ID', 'TRAILER', 'x-correlation-idx', 'upgrade'],
  ...['keep-alive', 'Transfer-Encoding', 'Retry-After', '[', 'a b', ''],
]
const STATUSES = [199, 200, 204, 205, 206, 299, 300, 304, 307, 399, 400, 599, 600]

const anything: fc.Arbitrary<unknown> = fc.oneof(
  fc.jsonValue({ maxDepth: 1 }),
  fc.constantFrom(...DURATIONS, ...TIMES, ...NAMES),
  fc.constantFrom(0, 1, -1, 1.5, ...STATUSES, 2 ** 53, 1e300),
)

const string = fc.oneof(fc.string({ unit: 'binary', maxLength: 4 }), fc.constantFrom(...NAMES))

/** Generates values that match a schema or, less often, do not. */
const near = (schema: Schema): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 12, arbitrary: matching(schema) }, { weight: 1, arbitrary: anything })

function matching(schema: Schema): fc.Arbitrary<unknown> {
  const { $ref, anyOf, oneOf, type, minimum = 0, properties, patternProperties, additionalProperties } = schema
  // The empty pattern matches every key. Any other pattern matches only some keys. This function does not generate such
  // keys.
  const values = patternProperties?.[''] ?? additionalProperties
  if ($ref) return near(document.components.schemas[$ref.replace('#/components/schemas/', '')] as Schema)
  if (oneOf) {
    const one = fc.oneof(...oneOf.map(near))
    const merged = fc.tuple(one, one).map(([one, other]) => ({ ...(one as object), ...(other as object) }))
    return fc.oneof({ weight: 6, arbitrary: one }, { weight: 1, arbitrary: merged })
  }
  if (anyOf) return fc.oneof(...anyOf.map(near))
  if (schema.enum) return fc.constantFrom(...schema.enum)
  if (schema.const !== undefined) return fc.constant(schema.const)
  if (schema.format === 'date-time') return fc.constantFrom(...TIMES)
  if (type === 'string')
    return schema.pattern === undefined
      ? string
      : fc.oneof(fc.stringMatching(new RegExp(schema.pattern, 'u')), string, fc.constantFrom(...DURATIONS, ...TIMES))
  if (type === 'integer')
    return fc.oneof(fc.integer({ min: minimum - 1, max: minimum + 2 }), fc.constantFrom(...STATUSES))
  if (type === 'number') return fc.double({ noNaN: true, noDefaultInfinity: true })
  if (type === 'boolean') return fc.boolean()
  if (type === 'null') return fc.constant(null)
  if (type === 'array') return fc.array(near(schema.items as Schema), { maxLength: 3 })
  if (!type) return fc.jsonValue({ maxDepth: 2 })
  const keys = schema.propertyNames ? fc.oneof(fc.constantFrom(...HEADERS), string) : string
  const more = fc.dictionary(keys, typeof values === 'object' ? near(values) : fc.jsonValue(), { maxKeys: 2 })
  if (!properties) return more
  const known = Object.fromEntries(Object.entries(properties).map(([key, one]) => [key, near(one)]))
  const required = fc.record(known, { requiredKeys: [...(schema.required ?? [])] })
  const incomplete = fc.record(known, { requiredKeys: [] })
  const extended = fc.tuple(required, more).map(([one, other]) => ({ ...other, ...one }))
  return fc.oneof(
    { weight: 8, arbitrary: required },
    { weight: 1, arbitrary: incomplete },
    { weight: 1, arbitrary: extended },
  )
}

const respond = (plan: object) => ({ respond: { status: 503, ...plan } })
const withHeader = (name: string, value: unknown) => respond({ headers: { [name]: value } })

/** Bodies at the boundaries of the rules, by path. The property test checks them in addition to generated bodies. */
const EXAMPLES: Readonly<Record<string, readonly object[]>> = {
  '/_mock/clock/advance': DURATIONS.map((by) => ({ by })),
  '/_mock/clock': TIMES.map((now) => ({ mode: 'frozen', now })),
  '/_mock/pipelines': [
    ...TIMES.map((created_at) => ({ pipelines: [{ name: 'a', created_at }] })),
    ...[{}, { created_ids: 0 }, { clock: 'real' }].map((mock) => ({ mock, pipelines: [] })),
    { project_id: 'p', name: 'a', mock: { cancel_takes: '1s' } },
  ],
  '/_mock/seed': [
    ...NAMES.map((id) => ({ pipelines: [{ id, name: 'a', elements: [{ id: `${id}e`, name: 'e' }] }] })),
    ...DURATIONS.map((takes) => ({ mock: { progress: `after=${takes}` }, pipelines: [] })),
  ],
  '/_mock/pipelines/{id}': [{ status: 'skipped' }, { result: null }, { element: 1, result: {}, status: 'skipped' }],
  '/_mock/faults': [
    ...[
      {},
      { hang: true },
      { hang: false },
      { hang: true, delay: '1s' },
      { truncate: 0 },
      { hold: 'before', times: 0 },
    ],
    ...STATUSES.flatMap((status) => [respond({ status }), respond({ status, body: null })]),
    ...HEADERS.flatMap((name) => [withHeader(name, 'x'), withHeader(name.toLowerCase(), ['x', 'y'])]),
    ...['', 'a\tb', 'é', '→', 'a\nb', [], [''], ['a', '→'], 1, null].map((value) => withHeader('x', value)),
    ...DURATIONS.map((delay) => ({ delay })),
  ],
}

/** Errors that depend on the state of the mock. */
const OF_STATE: readonly ErrorCode[] = ['element_not_found', 'id_taken', 'time_out_of_range']
/**
 * Issues of fixtures that JSON Schema cannot express: duplicates, arrays of different lengths, and relative times that
 * are too long.
 */
const OF_FIXTURES: readonly ErrorCode[] = [
  ...(['duplicate_id', 'duplicate_name', 'duplicate_order', 'length_mismatch', 'time_out_of_range'] as const),
]

t.test('the control API accepts a body if and only if the published schema accepts the body', async (t) => {
  const { mock } = await inProcess(t, { fixtures: { pipelines: [{ id: 'fit', name: 'fit' }] }, clock: `frozen@${NOW}` })
  const accepts = async (method: string, url: string, payload: string) => {
    const response = await mock.inject({ method: method as 'POST', url: url.replace('{id}', 'fit'), payload })
    await mock.reset()
    if (response.statusCode < 400) return true
    const { code, errors = [] } = response.json() as { code: ErrorCode; errors?: Issue[] }
    return OF_STATE.includes(code) || (errors.length > 0 && errors.every((issue) => OF_FIXTURES.includes(issue.code)))
  }
  const seen = new Set<boolean>()
  for (const [path, methods] of Object.entries(document.paths))
    for (const [method, operation] of Object.entries(methods as Record<string, { requestBody?: object }>)) {
      if (!operation.requestBody) continue
      const pointer = `paths/${path.replaceAll('/', '~1').replace('{', '%7B').replace('}', '%7D')}/${method}`
      const schema = `control#/${pointer}/requestBody/content/application~1json/schema`
      const validate = ajv.getSchema(schema) as ValidateFunction
      const body = near(validate.schema as Schema)
      const examples = (EXAMPLES[path] ?? []).map((one): [unknown] => [one])
      await fc.assert(
        fc.asyncProperty(body, async (value) => {
          const text = JSON.stringify(value)
          const isValid = validate(JSON.parse(text))
          seen.add(isValid)
          if ((await accepts(method.toUpperCase(), path, text)) !== isValid)
            throw new Error(
              `${method} ${path} ${text}: only the ${isValid ? 'schema' : 'control API'} accepts this body`,
            )
        }),
        { examples, numRuns: examples.length + runs().numRuns },
      )
    }
  t.strictSame([...seen].sort(), [false, true], 'some bodies are valid, and some are not')
})

t.test('a number in a body that is too large for JavaScript is rejected with its path', async (t) => {
  const { ask } = await serve(t)
  const body = '{"respond":{"status":200,"body":{"cell":[1,1e999]}}}'
  const { status, json } = await ask('POST', '/_mock/faults', { body })
  t.equal(status, 400)
  t.match(json(), { code: 'invalid_request', errors: [{ code: 'not_json', path: ['respond', 'body', 'cell', 1] }] })
})

t.test('the control API ignores the body of a GET request', async (t) => {
  const { ask } = await serve(t)
  t.equal((await ask('GET', '/_mock/info', { body: 'not JSON' })).status, 200)
})
