import type { File } from './inputs.js'

const join = (count: number, partOf: (i: number) => string, separator = '\n') =>
  Array.from({ length: count }, (_, i) => partOf(i)).join(separator)

const OPENINGS = [
  ...['- ', '? ', 'a: ', '- - ', '- a:\n', '[', '{', '[[', '{a: ', '{? ', '"', "'", '! ', '&a ', '*a ', '|\n', '#'],
  ...['---\n', '--- a\n', '...\n', '%A\n'],
]

const deepArray = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)

/** Returns a fixture of one pipeline with one element. The arguments are JSON members of these two objects. */
const jsonPipeline = (keys: string, elementKeys: string) =>
  `{"pipelines":[{${keys},"elements":[{"name":"b",${elementKeys}}]}]}`

const yaml = () => [
  ...OPENINGS.map((opening) => opening.repeat(20_000)),
  join(2000, (i) => `${' '.repeat(i)}a:`),
  join(2000, (i) => `${' '.repeat(i)}-`),
  join(2000, (i) => `${' '.repeat(i)}? a`),
  `pipelines: ${'[ '.repeat(990)}${'] '.repeat(990)}`,
  `pipelines: [{ name: a, elements: [{ name: b, job_config: ${'{ a: '.repeat(990)}1${' }'.repeat(990)} }] }]`,
  `pipelines: ${'- '.repeat(3000)}1`,
  `pipelines:\n  - name: a\n    elements:\n      - name: b\n        job_config: { x: ${'!t '.repeat(5000)}1 }`,
  join(20_000, (i) => `k${i}: 1`),
  join(20_000, () => 'k: 1'),
  `{${join(20_000, () => 'k: 1', ',')}}`,
  `a: &a [x]\n${join(30, (i) => `b${i}: &a [${'*a, '.repeat(9)}*a]`)}`,
  `a: &a { b: *a }\npipelines: *a`,
  `pipelines: &a\n  - name: x\n    elements: *a`,
  `a: &a { <<: *a }`,
  `a: &a\n  <<: [${'*a, '.repeat(1000)}*a]`,
  join(3000, (i) => `a${i}: &a${i} ${i ? `{ <<: *a${i - 1}, k${i}: 1 }` : '{}'}`),
  join(5000, (i) => `a${i}: &a${i} ${i ? `[*a${i - 1}]` : 1}`),
  `pipelines: [${'{ name: a }, '.repeat(5000)}{ name: b }]`,
  `pipelines: [${'{ nme: a }, '.repeat(3000)}{ name: b }]`,
  `pipelines: [{ name: a, elements: [${'{ name: b }, '.repeat(3000)}] }]`,
  `pipelines: [{ name: ${'9'.repeat(100_000)} }]`,
  `pipelines: [{ name: "${'\\u0000'.repeat(20_000)}" }]`,
  `pipelines: [{ ${'name'.repeat(20_000)}: a }]`,
  `pipelines: [{ name: a, status: ${'running'.repeat(20_000)} }]`,
  `pipelines: [{ name: a, created_at: -P${'9'.repeat(1000)}D }]`,
  `pipelines: [{ name: a, created_at: PT${'1H'.repeat(5000)} }]`,
  `pipelines: [{ name: a, mock: { takes: ${'9'.repeat(300)}s } }]`,
  `pipelines: [{ name: a, elements: [{ name: b, job_config: { __proto__: { x: 1 }, constructor: 1 } }] }]`,
  `pipelines: [{ name: a, __proto__: { id: b } }]`,
  `__proto__: { pipelines: [] }`,
  `? { a: b }\n: c`,
  `? [pipelines]\n: []`,
  `? |\n  block\n: c`,
  `pipelines: !!set { a, b }`,
  `pipelines: !!binary aGVsbG8=`,
  `pipelines: [{ name: a, created_at: !!timestamp 2001-01-01 }]`,
  `%YAML 9.9\n---\npipelines: []`,
  `%YAML 1.1\n---\npipelines: [{ name: yes }]`,
  `pipelines: [{ name: "\\ud800" }]`,
  `pipelines: [{ name: a, id: "\\ud800" }]`,
  `#${' x'.repeat(100_000)}`,
  '\n'.repeat(100_000),
  ' '.repeat(100_000) + 'a: 1',
  `a: "${' \n'.repeat(50_000)}"`,
  `a: |\n${' \n'.repeat(50_000)}`,
  `a${':'.repeat(50_000)}`,
  `a: ${'b '.repeat(50_000)}: c`,
]

const json = () => [
  '['.repeat(100_000),
  deepArray(100_000),
  '{"a":'.repeat(100_000) + '1' + '}'.repeat(100_000),
  `{"pipelines":${deepArray(5000)}}`,
  jsonPipeline('"name":"a"', `"job_config":{"a":${deepArray(20_000)}}`),
  jsonPipeline('"name":"a"', `"result":${'{"a":'.repeat(3000)}1${'}'.repeat(3000)}`),
  `{"pipelines":[{"name":"a","name":"b","elements":${deepArray(20_000)}}]}`,
  jsonPipeline('"name":1', `"job_config":{"a":${deepArray(20_000)}}`),
  `{${'"a":1,'.repeat(20_000)}"pipelines":[]}`,
  `{"pipelines":[${'{"nme":1},'.repeat(5000)}{}]}`,
  `"${'\\'.repeat(100_000)}`,
  `{"${'\\\\'.repeat(50_000)}":1}`,
  `[${'"'.repeat(100_001)}]`,
  '9'.repeat(100_000),
  '\0',
  '\ufeff\ufeff{}',
  '{"__proto__":1,"pipelines":[]}',
  '{"pipelines":[{"name":"a","__proto__":{}}]}',
  jsonPipeline('"name":"a"', '"job_config":{"__proto__":{"x":1},"toJSON":{}}'),
]

/** Returns fixture files that are hard to parse or to validate, each for a different reason. */
export const hostileFiles = (): File[] => [
  ...yaml().map((text) => ({ extension: '.yaml', bytes: Buffer.from(text) })),
  ...json().map((text) => ({ extension: '.json', bytes: Buffer.from(text) })),
]
