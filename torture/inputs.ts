import { readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { nth, type Random } from '../test/support/random.js'
import { SHIPPED_FIXTURES } from '../src/options/shipped.js'
import { hostileFiles } from './hostile-files.js'

export interface File {
  readonly extension: string
  readonly bytes: Buffer
}

type Text = readonly [extension: string, text: string]

const shipped = (): Text[] =>
  readdirSync(SHIPPED_FIXTURES)
    .filter((name) => ['.yaml', '.json'].includes(extname(name)))
    .map((name) => [extname(name), readFileSync(join(SHIPPED_FIXTURES, name), 'utf8')])

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
        id: 'fit',
        name: 'a "fit"',
        status: 'running',
        created_at: '-PT2H',
        options: { live_progress_updates: true },
        elements: [
          {
            ...{ id: 'one', name: 'known', status: 'completed' },
            ...{ result: { parameter_values: { x: 1e-14 } }, mock: { takes: '1s' } },
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

/**
 * Returns valid fixture files. The small files occur several times, so that they are picked more often than the long
 * shipped fixtures.
 */
function validFiles(): Text[] {
  const small: Text[] = [
    ['.yaml', SMALL_YAML],
    ['.json', SMALL_JSON],
  ]
  return [...Array.from({ length: 8 }, () => small).flat(), ...shipped()]
}

const WORDS = [
  ...`[§]§{§}§:§: §- §? §#§"§'§|§>§|+9§&a §*a§*base§&base §<<: *base§<<: 1`.split('§'),
  ...'!!str §!!binary §!!set §!x §!<tag:x> §%YAML 1.1\n§%TAG ! x\n§---\n§...\n§\t§\r§\r\n§\n\n'.split('§'),
  ...'~ null true yes 0x1F 0o17 .inf -.inf .nan 1e999 -1 0 1_000'.split(' '),
  ...['9'.repeat(400), '1e-400'],
  ...'2026-09-14 2026-02-30T00:00:00Z -P1M PT1H 9999-12-31T23:59:59Z 0000-01-01T00:00:00Z 12:30:45'.split(' '),
  ...`""§''§[]§{}§[[]]§{"":1}§"__proto__"§__proto__: 1\n§"constructor":§\\u0000§\\ud800§\\x§\\`.split('§'),
  ...'\ufeff§\0§\x7f§\x85§\u2028§\u00a0§🔋§\ud83d§/*§//§,§,,§"a":1,§@§`§<<§='.split('§'),
  ...['pipelines:', 'elements:', 'id:', 'name:', 'mock:', 'status: canceled', 'takes: 1s', 'a'.repeat(3000)],
]

const splice = (text: string, at: number, removed: number, added: string) =>
  text.slice(0, at) + added + text.slice(at + removed)

/** Finds the quoted strings, numbers and words that follow a separator, and returns their matches. */
const values = (text: string) => [...text.matchAll(/(?<=[:[,-] *)("[^"\n]*"|[\w.+-]+)/g)]

type Change = (text: string, random: Random) => string

const changeLine =
  (change: (line: string, random: Random, text: string) => string[]): Change =>
  (text, random) => {
    const lines = text.split('\n')
    const at = random.below(lines.length)
    return [...lines.slice(0, at), ...change(lines[at] ?? '', random, text), ...lines.slice(at + 1)].join('\n')
  }

const changeValue =
  (change: (value: string, random: Random, text: string) => string): Change =>
  (text, random) => {
    const found = values(text)
    if (found.length === 0) return text
    const { 0: value, index } = random.pick(found)
    return splice(text, index, value.length, change(value, random, text))
  }

const CHANGES: readonly Change[] = [
  (text, random) => splice(text, random.below(text.length), 1 + random.below(30), ''),
  (text, random) => splice(text, random.below(text.length), 0, random.pick(WORDS)),
  (text, random) => splice(text, random.below(text.length), 1 + random.below(5), random.pick(WORDS)),
  (text, random) => splice(text, random.below(text.length), 1, String.fromCharCode(random.below(256))),
  (text, random) => text.slice(0, random.below(text.length)),
  (text, random) => text.slice(random.below(text.length)),
  changeLine((line) => [line, line]),
  changeLine(() => []),
  changeLine((line, random) => [' '.repeat(random.below(9)) + line.trimStart()]),
  changeLine((line) => [line.replace(/^ */, '\t')]),
  changeLine((line, random, text) => [line, random.pick(text.split('\n'))]),
  changeValue((_value, random) => random.pick(WORDS)),
  changeValue((value) => `"${value}"`),
  changeValue((value) => `[${value}]`),
  changeValue((value) => `{"${value}": ${value}}`),
  changeValue((value) => `&x ${value}`),
  changeValue((_value, random) => random.pick(['*x', '*base', '*config', '*none'])),
  changeValue((_value, random, text) => random.pick(values(text))[0]),
  changeValue((_value, random) => deep(random)),
  (text) => `\ufeff${text}`,
  (text) => text.replaceAll('\n', '\r\n'),
  (text) => text.replaceAll('\n', '\r'),
  (text) => text + text,
]

const BRACKETS = '[…]|{"a":…}|- …|? …|[…|"…|!a …|&a …|{…'.split('|').map((pair) => pair.split('…'))
const DEPTHS = [10, 100, 249, 251, 5000]

function deep(random: Random): string {
  const [open = '', close = ''] = random.pick(BRACKETS)
  const depth = random.pick(DEPTHS)
  return `${open.repeat(depth)}1${close.repeat(depth)}`
}

/** Flips a bit, or inserts bytes that are not UTF-8. */
function changeBytes(bytes: Buffer, random: Random): Buffer {
  const at = random.below(bytes.length || 1)
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)]
  const [first] = after
  if (random.next() < 0.7 && first !== undefined)
    return Buffer.concat([before, Buffer.from([first ^ (1 << random.below(8))]), after.subarray(1)])
  const invalid = [0xc3, 0x28, 0xed, 0xa0, 0x80].slice(random.below(4))
  return Buffer.concat([before, Buffer.from(invalid), after])
}

/**
 * Returns the number of hostile files, and a function that returns the file with the number `n`, counted from 0. The
 * hostile files come first. Each later file is made from a valid file by random changes.
 */
export function fixtureFiles(seed: number) {
  const [valid, hostile] = [validFiles(), hostileFiles()]
  const file = (n: number): File => {
    const fixed = hostile[n]
    if (fixed) return fixed
    const random = nth(seed, n)
    const [extension, whole] = random.pick(valid)
    let text = whole
    for (let left = random.below(4); left >= 0; left--) text = random.pick(CHANGES)(text, random)
    const bytes = Buffer.from(text)
    return { extension, bytes: random.next() < 0.15 ? changeBytes(bytes, random) : bytes }
  }
  return { hostile: hostile.length, file }
}
