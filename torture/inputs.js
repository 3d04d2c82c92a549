import { readFileSync, readdirSync } from 'node:fs'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Buffer, URL } from './globals.js'
import { nth } from './random.js'

const SHIPPED = new URL('../fixtures/', import.meta.url)

/** The shipped fixtures, a pipeline at a time where they are long, so that thousands of changes take no hours. */
function shipped() {
  const names = readdirSync(SHIPPED).filter((name) => ['.yaml', '.json'].includes(extname(name)))
  return names.map((name) => [extname(name), readFileSync(fileURLToPath(new URL(name, SHIPPED)), 'utf8')])
}

const SMALL_YAML = `pipelines:
  - &base
    id: fit
    name: LG M50 diffusivity fit
    status: running
    created_at: -PT2H
    updated_at: 2026-09-14T08:15:30.123456Z
    mock: { takes: 10s, cancel_takes: 3s }
    elements:
      - { id: one, name: known, element_type: Direct Entry, status: completed, result: { parameter_values: { x: 3.3e-14 } } }
      - { name: fit diffusivity, element_type: Data Fit, status: running, job_config: &config { a: [1, 2, { b: ~ }] } }
      - { name: validate, mock: { takes: null, ends_as: failed, error: e, error_code: SOLVER_ERROR }, job_config: *config }
  - <<: *base
    id: other
    elements: [{ name: "quoted\\n", id: two, job_config: { <<: *config, c: 'd' } }]
  - name: |
      a long
      text
    description: >-
      folded
`

const SMALL_JSON = JSON.stringify(
  {
    $schema: '../fixture.schema.json',
    pipelines: [
      {
        ...{
          id: 'fit',
          name: 'a "fit"',
          status: 'running',
          created_at: '-PT2H',
          options: { live_progress_updates: true },
        },
        elements: [
          {
            id: 'one',
            name: 'known',
            status: 'completed',
            result: { parameter_values: { x: 1e-14 } },
            mock: { takes: '1s' },
          },
          { name: 'Prüfung 🔋', element_order: 2, job_config: { values: [1, null, 'x\u0000'] } },
        ],
      },
      { name: 'two' },
    ],
  },
  null,
  1,
)

/** Good files: their extension and text. Small ones come more often than long ones. */
export function goodFiles() {
  const small = [
    ['.yaml', SMALL_YAML],
    ['.json', SMALL_JSON],
  ]
  return [...Array.from({ length: 8 }, () => small).flat(), ...shipped()]
}

const DEPTHS = [10, 100, 249, 251, 5000]

const WORDS = [
  ...[
    '[',
    ']',
    '{',
    '}',
    ':',
    ': ',
    '- ',
    '? ',
    '#',
    '"',
    "'",
    '|',
    '>',
    '|+9',
    '&a ',
    '*a',
    '*base',
    '&base ',
    '<<: *base',
    '<<: 1',
  ],
  ...[
    '!!str ',
    '!!binary ',
    '!!set ',
    '!x ',
    '!<tag:x> ',
    '%YAML 1.1\n',
    '%TAG ! x\n',
    '---\n',
    '...\n',
    '\t',
    '\r',
    '\r\n',
    '\n\n',
  ],
  ...[
    '~',
    'null',
    'true',
    'yes',
    '0x1F',
    '0o17',
    '.inf',
    '-.inf',
    '.nan',
    '1e999',
    '-1',
    '0',
    '1_000',
    '9'.repeat(400),
    '1e-400',
  ],
  ...['2026-09-14', '2026-02-30T00:00:00Z', '-P1M', 'PT1H', '9999-12-31T23:59:59Z', '0000-01-01T00:00:00Z', '12:30:45'],
  ...[
    '""',
    "''",
    '[]',
    '{}',
    '[[]]',
    '{"":1}',
    '"__proto__"',
    '__proto__: 1\n',
    '"constructor":',
    '\\u0000',
    '\\ud800',
    '\\x',
    '\\',
  ],
  ...[
    '\ufeff',
    '\0',
    '\x7f',
    '\x85',
    '\u2028',
    '\u00a0',
    '🔋',
    '\ud83d',
    '/*',
    '//',
    ',',
    ',,',
    '"a":1,',
    '@',
    '`',
    '<<',
    '=',
  ],
  ...['pipelines:', 'elements:', 'id:', 'name:', 'mock:', 'status: canceled', 'takes: 1s', 'a'.repeat(3000)],
]

const splice = (text, at, removed, added) => text.slice(0, at) + added + text.slice(at + removed)

/** Values as they stand in a text: quoted texts, numbers and words behind a colon. */
const values = (text) => [...text.matchAll(/(?<=[:[,-] *)("[^"\n]*"|[\w.+-]+)/g)]

/** Ways to spoil a text. */
const CHANGES = [
  (text, random) => splice(text, random.below(text.length), 1 + random.below(30), ''),
  (text, random) => splice(text, random.below(text.length), 0, random.pick(WORDS)),
  (text, random) => splice(text, random.below(text.length), 1 + random.below(5), random.pick(WORDS)),
  (text, random) => splice(text, random.below(text.length), 1, String.fromCharCode(random.below(256))),
  (text, random) => text.slice(0, random.below(text.length)),
  (text, random) => text.slice(random.below(text.length)),
  (text, random) => changeLines(text, random, (line) => [line, line]),
  (text, random) => changeLines(text, random, () => []),
  (text, random) => changeLines(text, random, (line) => [' '.repeat(random.below(9)) + line.trimStart()]),
  (text, random) => changeLines(text, random, (line) => [line.replace(/^ */, '\t')]),
  (text, random) => changeLines(text, random, (line) => [line, random.pick(text.split('\n'))]),
  (text, random) => changeValue(text, random, () => random.pick(WORDS)),
  (text, random) => changeValue(text, random, (value) => `"${value}"`),
  (text, random) => changeValue(text, random, (value) => `[${value}]`),
  (text, random) => changeValue(text, random, (value) => `{"${value}": ${value}}`),
  (text, random) => changeValue(text, random, (value) => `&x ${value}`),
  (text, random) => changeValue(text, random, () => random.pick(['*x', '*base', '*config', '*none'])),
  (text, random) => changeValue(text, random, () => random.pick(values(text))?.[0] ?? ''),
  (text, random) => changeValue(text, random, () => deep(random)),
  (text) => `\ufeff${text}`,
  (text) => text.replaceAll('\n', '\r\n'),
  (text) => text.replaceAll('\n', '\r'),
  (text) => text + text,
]

function changeLines(text, random, change) {
  const lines = text.split('\n')
  const at = random.below(lines.length)
  return [...lines.slice(0, at), ...change(lines[at]), ...lines.slice(at + 1)].join('\n')
}

function changeValue(text, random, change) {
  const found = values(text)
  if (found.length === 0) return text
  const { 0: value, index } = random.pick(found)
  return splice(text, index, value.length, change(value))
}

function deep(random) {
  const [open, close] = random.pick([
    ['[', ']'],
    ['{"a":', '}'],
    ['- ', ''],
    ['? ', ''],
    ['[', ''],
    ['"', ''],
    ['!a ', ''],
    ['&a ', ''],
    ['{', ''],
  ])
  const depth = random.pick(DEPTHS)
  return open.repeat(depth) + '1' + close.repeat(depth)
}

/** Spoils bytes where a text cannot be spoiled: flips bits, and writes what is no UTF-8. */
function spoilBytes(bytes, random) {
  const spoiled = Buffer.from(bytes)
  const at = random.below(spoiled.length || 1)
  if (random.next() < 0.7 && spoiled.length > 0) spoiled[at] ^= 1 << random.below(8)
  else
    return Buffer.concat([
      spoiled.subarray(0, at),
      Buffer.from([0xc3, 0x28, 0xed, 0xa0, 0x80].slice(random.below(4))),
      spoiled.subarray(at),
    ])
  return spoiled
}

/** Files that parsers have broken on, each for a reason of its own. */
export function hostileFiles() {
  const files = [
    ...[
      '- ',
      '? ',
      'a: ',
      '- - ',
      '- a:\n',
      '[',
      '{',
      '[[',
      '{a: ',
      '{? ',
      '"',
      "'",
      '! ',
      '&a ',
      '*a ',
      '|\n',
      '#',
      '---\n',
      '--- a\n',
      '...\n',
      '%A\n',
    ].map((open) => ['.yaml', open.repeat(20_000)]),
    ['.yaml', Array.from({ length: 2000 }, (_, i) => `${' '.repeat(i)}a:`).join('\n')],
    ['.yaml', Array.from({ length: 2000 }, (_, i) => `${' '.repeat(i)}-`).join('\n')],
    ['.yaml', Array.from({ length: 2000 }, (_, i) => `${' '.repeat(i)}? a`).join('\n')],
    ['.yaml', `pipelines: ${'[ '.repeat(990)}${'] '.repeat(990)}`],
    [
      '.yaml',
      `pipelines: [{ name: a, elements: [{ name: b, job_config: ${'{ a: '.repeat(990)}1${' }'.repeat(990)} }] }]`,
    ],
    ['.yaml', `pipelines: ${'- '.repeat(3000)}1`],
    [
      '.yaml',
      `pipelines:\n  - name: a\n    elements:\n      - name: b\n        job_config: { x: ${'!t '.repeat(5000)}1 }`,
    ],
    ['.yaml', Array.from({ length: 20_000 }, (_, i) => `k${i}: 1`).join('\n')],
    ['.yaml', Array.from({ length: 20_000 }, () => 'k: 1').join('\n')],
    ['.yaml', `{${Array.from({ length: 20_000 }, () => 'k: 1').join(',')}}`],
    ['.yaml', `a: &a [x]\n${Array.from({ length: 30 }, (_, i) => `b${i}: &a [${'*a, '.repeat(9)}*a]`).join('\n')}`],
    ['.yaml', `a: &a { b: *a }\npipelines: *a`],
    ['.yaml', `pipelines: &a\n  - name: x\n    elements: *a`],
    ['.yaml', `a: &a { <<: *a }`],
    ['.yaml', `a: &a\n  <<: [${'*a, '.repeat(1000)}*a]`],
    [
      '.yaml',
      `${Array.from({ length: 3000 }, (_, i) => `a${i}: &a${i} ${i ? `{ <<: *a${i - 1}, k${i}: 1 }` : '{}'}`).join('\n')}`,
    ],
    ['.yaml', `${Array.from({ length: 5000 }, (_, i) => `a${i}: &a${i} ${i ? `[*a${i - 1}]` : 1}`).join('\n')}`],
    ['.yaml', `pipelines: [${'{ name: a }, '.repeat(5000)}{ name: b }]`],
    ['.yaml', `pipelines: [${'{ nme: a }, '.repeat(3000)}{ name: b }]`],
    ['.yaml', `pipelines: [{ name: a, elements: [${'{ name: b }, '.repeat(3000)}] }]`],
    ['.yaml', `pipelines: [{ name: ${'9'.repeat(100_000)} }]`],
    ['.yaml', `pipelines: [{ name: "${'\\u0000'.repeat(20_000)}" }]`],
    ['.yaml', `pipelines: [{ ${'name'.repeat(20_000)}: a }]`],
    ['.yaml', `pipelines: [{ name: a, status: ${'running'.repeat(20_000)} }]`],
    ['.yaml', `pipelines: [{ name: a, created_at: -P${'9'.repeat(1000)}D }]`],
    ['.yaml', `pipelines: [{ name: a, created_at: PT${'1H'.repeat(5000)} }]`],
    ['.yaml', `pipelines: [{ name: a, mock: { takes: ${'9'.repeat(300)}s } }]`],
    ['.yaml', `pipelines: [{ name: a, elements: [{ name: b, job_config: { __proto__: { x: 1 }, constructor: 1 } }] }]`],
    ['.yaml', `pipelines: [{ name: a, __proto__: { id: b } }]`],
    ['.yaml', `__proto__: { pipelines: [] }`],
    ['.yaml', `? { a: b }\n: c`],
    ['.yaml', `? [pipelines]\n: []`],
    ['.yaml', `? |\n  block\n: c`],
    ['.yaml', `pipelines: !!set { a, b }`],
    ['.yaml', `pipelines: !!binary aGVsbG8=`],
    ['.yaml', `pipelines: [{ name: a, created_at: !!timestamp 2001-01-01 }]`],
    ['.yaml', `%YAML 9.9\n---\npipelines: []`],
    ['.yaml', `%YAML 1.1\n---\npipelines: [{ name: yes }]`],
    ['.yaml', `pipelines: [{ name: "\\ud800" }]`],
    ['.yaml', `pipelines: [{ name: a, id: "\\ud800" }]`],
    ['.yaml', `#${' x'.repeat(100_000)}`],
    ['.yaml', '\n'.repeat(100_000)],
    ['.yaml', ' '.repeat(100_000) + 'a: 1'],
    ['.yaml', `a: "${' \n'.repeat(50_000)}"`],
    ['.yaml', `a: |\n${' \n'.repeat(50_000)}`],
    ['.yaml', `a${':'.repeat(50_000)}`],
    ['.yaml', `a: ${'b '.repeat(50_000)}: c`],
    ['.json', '['.repeat(100_000)],
    ['.json', '['.repeat(100_000) + ']'.repeat(100_000)],
    ['.json', '{"a":'.repeat(100_000) + '1' + '}'.repeat(100_000)],
    ['.json', `{"pipelines":${'['.repeat(5000)}${']'.repeat(5000)}}`],
    [
      '.json',
      `{"pipelines":[{"name":"a","elements":[{"name":"b","job_config":{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}}]}]}`,
    ],
    [
      '.json',
      `{"pipelines":[{"name":"a","elements":[{"name":"b","result":${'{"a":'.repeat(3000)}1${'}'.repeat(3000)}}]}]}`,
    ],
    ['.json', `{"pipelines":[{"name":"a","name":"b","elements":${'['.repeat(20_000)}${']'.repeat(20_000)}}]}`],
    [
      '.json',
      `{"pipelines":[{"name":1,"elements":[{"name":"b","job_config":{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}}]}]}`,
    ],
    ['.json', `{${'"a":1,'.repeat(20_000)}"pipelines":[]}`],
    ['.json', `{"pipelines":[${'{"nme":1},'.repeat(5000)}{}]}`],
    ['.json', `"${'\\'.repeat(100_000)}`],
    ['.json', `{"${'\\\\'.repeat(50_000)}":1}`],
    ['.json', `[${'"'.repeat(100_001)}]`],
    ['.json', '9'.repeat(100_000)],
    ['.json', '\0'],
    ['.json', '\ufeff\ufeff{}'],
    ['.json', '{"__proto__":1,"pipelines":[]}'],
    ['.json', '{"pipelines":[{"name":"a","__proto__":{}}]}'],
    ['.json', '{"pipelines":[{"name":"a","elements":[{"name":"b","job_config":{"__proto__":{"x":1},"toJSON":{}}}]}]}'],
  ]
  return files.map(([extension, text]) => ({ extension, bytes: Buffer.from(text) }))
}

/** The nth spoiled file: the hostile ones first, then good ones that were changed in one to four places. */
export function inputOf(seed, n, good, hostile) {
  if (n < hostile.length) return hostile[n]
  const random = nth(seed, n)
  const [extension, whole] = random.pick(good)
  let text = whole
  for (let left = random.below(4); left >= 0; left--) text = random.pick(CHANGES)(text, random)
  const bytes = Buffer.from(text)
  return { extension, bytes: random.next() < 0.15 ? spoilBytes(bytes, random) : bytes }
}
