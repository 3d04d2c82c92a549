// Request bodies that are as large as the limits allow, in many shapes. Each body is made when it is needed.
import { gzipSync } from 'node:zlib'
import { MAX_VALUE_BYTES, WEIGHTS } from '../src/api/fastapi/json-decoder.js'
import { FIT } from '../test/support/lab.js'

/** The default limit of a body, in bytes. */
export const BODY_LIMIT = 16 * 1024 * 1024

const { scalar, string, container, key } = WEIGHTS

export interface Body {
  /** The text of the body, before it is encoded. */
  readonly text: string
  readonly encode?: (text: string) => Buffer
  readonly headers?: Readonly<Record<string, string>>
  readonly method?: string
  readonly path?: string
}

/** Returns `count` texts, joined by commas. */
const list = (count: number, textOf: (i: number) => string) => Array.from({ length: count }, (_, i) => textOf(i)).join()

/** Number of bytes that are reserved for the text around a value, with a margin. */
const AROUND = 1000

/**
 * Returns a list of texts of equal length that fills a body. `weight` is the memory that the mock assumes for the
 * values in one text. If `weight` is given, the list is short enough that the memory of its values stays below the
 * limit of the mock.
 */
function fill(textOf: (i: number) => string, weight = 0): string {
  const room = (BODY_LIMIT - AROUND) / (textOf(0).length + 1)
  return list(Math.floor(Math.min(room, (MAX_VALUE_BYTES - 200_000) / weight)), textOf)
}

const long = (text: string, bytes = text.length) => text.repeat((BODY_LIMIT - AROUND) / bytes)

/** Returns a name of five characters. */
const name = (i: number) => (i + 36 ** 4).toString(36)
const nested = (open: string, close: string, depth: number) => open.repeat(depth) + close.repeat(depth)

/** A body whose only element has the given value in its configuration. */
const config = (value: string, more = '') =>
  `{"project_id":"p","elements":{${more}"a":{"element_type":"entry","v":${value}}}}`

const elements = (members: string) => `{"project_id":"p","elements":{${members}}}`
const MANY = 10_000
const ENTRY = '{"element_type":"entry"}'
/** The length of each configuration in a body that is filled with 10,000 configurations. */
const SHARE = Math.floor(BODY_LIMIT / MANY) - 70
const filler = (length: number) => 'x'.repeat(length)

const text = (value: () => string) => (): Body => ({ text: value() })
const configs = (value: () => string) => text(() => config(value()))

/** The shapes, by title. */
export const SHAPES: Readonly<Record<string, () => Body>> = {
  'a long string': configs(() => `"${long('x')}"`),
  'a long string of Chinese': configs(() => `"${long('中', 3)}"`),
  'a long string of emoji': configs(() => `"${long('🔋', 4)}"`),
  'a long string with one emoji': configs(() => `"🔋${long('x')}"`),
  'a long string of line ends': configs(() => `"${long('\\n')}"`),
  'a long string of backslashes': configs(() => `"${long('\\\\')}"`),
  'a long string of Unicode escapes': configs(() => `"${long('\\u4e2d')}"`),
  'a long string of lone surrogates': configs(() => `"${long('\\ud800')}"`),
  'an element with a long name': text(() => elements(`"${long('x')}":${ENTRY}`)),
  'a pipeline with a long name': text(() => `{"project_id":"p","name":"${long('x')}","elements":{}}`),
  'a long project id': text(() => `{"project_id":"${long('x')}","elements":{}}`),
  'a long unknown key': text(() => `{"project_id":"p","${long('x')}":0,"elements":{}}`),
  spaces: text(() => long(' ') + elements('')),
  'digits, each on its own line': configs(() => `[${fill(() => '1\n', scalar)}]`),
  digits: configs(() => `[${fill(() => '1', scalar)}]`),
  'short fractions': configs(() => `[${fill(() => '1.5', scalar)}]`),
  'long fractions': configs(() => `[${fill((i) => (1 + i / 7e6).toFixed(15), scalar)}]`),
  'long integers': configs(() => `[${fill(() => '9'.repeat(4300), scalar)}]`),
  'an integer that is too long': configs(() => long('9')),
  nulls: configs(() => `[${fill(() => 'null', scalar)}]`),
  'empty strings': configs(() => `[${fill(() => '""', string)}]`),
  'short strings': configs(() => `[${fill((i) => `"${name(i)}"`, string)}]`),
  'two columns of numbers': configs(() => {
    const half = list(BODY_LIMIT / 20, (i) => (1 + i / 7e6).toFixed(6))
    return `{"Time [s]":[${half}],"Voltage [V]":[${half}]}`
  }),
  'objects with the same keys': configs(() => `[${fill(() => '{"t":1.5,"v":3.7}', container + 2 * (key + scalar))}]`),
  'objects with different keys': configs(() => `[${fill((i) => `{"${name(i)}":1}`, container + key + scalar)}]`),
  'objects with a small numeric key': configs(() => `[${fill(() => '{"0":1}', container + key + scalar)}]`),
  'objects with a large numeric key': configs(() => `[${fill(() => '{"99999":1}', container + key + scalar)}]`),
  'empty objects': configs(() => `[${fill(() => '{}', container)}]`),
  'empty arrays': configs(() => `[${fill(() => '[]', container)}]`),
  'arrays of one number': configs(() => `[${fill(() => '[1]', container + scalar)}]`),
  'deeply nested arrays': configs(() => `[${fill(() => nested('[', ']', 950), 950 * container)}]`),
  'deeply nested objects': configs(
    () => `[${fill(() => nested('{"a":', '}', 950).replace(':}', ':0}'), 950 * (container + key) + scalar)}]`,
  ),
  'an object with many keys': configs(() => `{${fill((i) => `"${name(i)}":0`, key + scalar)}}`),
  'an object with many long keys': configs(() => `{${fill((i) => `"${name(i)}${filler(90)}":0`, key + scalar)}}`),
  'an object with many numeric keys': configs(() => `{${fill((i) => `"${1_000_000 + i}":0`, key + scalar)}}`),
  'an object with many scattered numeric keys': configs(
    () => `{${fill((i) => `"${1_000_000_000 + ((i * 2_654_435_761) % 3_000_000_000)}":0`, key + scalar)}}`,
  ),
  'too many arrays': configs(() => `[${fill(() => '[]')}]`),
  'too many keys': configs(() => `{${fill((i) => `"${name(i)}":0`)}}`),
  'unclosed arrays': text(() => long('[')),
  'unclosed objects': text(() => long('{"a":')),
  '10,000 elements': text(() =>
    elements(list(MANY, (i) => `"${name(i)}":{"element_type":"entry","v":"${filler(SHARE)}"}`)),
  ),
  '10,000 elements with numeric names': text(() =>
    elements(list(MANY, (i) => `"${MANY - i}":{"element_type":"entry","v":"${filler(SHARE)}"}`)),
  ),
  '10,000 elements with long names': text(() => elements(list(MANY, (i) => `"${name(i)}${filler(SHARE)}":${ENTRY}`))),
  '10,000 invalid elements': text(() => elements(list(MANY, (i) => `"${name(i)}":"${filler(SHARE)}"`))),
  '10,000 elements without a type': text(() => elements(list(MANY, (i) => `"${name(i)}":{"v":"${filler(SHARE)}"}`))),
  '10,000 elements with an unknown type': text(() =>
    elements(list(MANY, (i) => `"${name(i)}":{"element_type":"${filler(SHARE)}"}`)),
  ),
  'too many elements': text(() => elements(fill((i) => `"${name(i)}":{}`, key + container))),
  'too many elements with numeric names': text(() => elements(fill((i) => `"${10_000_000 - i}":{}`, key + container))),
  'too many elements, none of them valid': text(() => elements(fill((i) => `"${name(i)}":0`, key + scalar))),
  'an element given many times': text(() => elements(fill(() => '"a":{}', key + container))),
  'the key `elements` repeated many times': text(
    () => `{"project_id":"p",${fill(() => '"elements":{"1":{}}', 2 * (key + container))}}`,
  ),
  'an element with a numeric name, and a deeply nested element with many values': text(() =>
    config(
      `${'{"a":['.repeat(440)}${fill(() => '0,"x",[]', scalar + string + container)}${']}'.repeat(440)}`,
      `"1":${ENTRY},`,
    ),
  ),
  'a string that is not closed': text(() => `{"project_id":"${long('x')}`),
  'emoji, and an error at the end': text(() => `{"project_id":"${long('🔋', 4)}",}`),
  'numbers, and an error at the end': text(() => `[${fill(() => '1', scalar)},]`),
  'a control character at the end': text(() => `"${long('x')}\n"`),
  'missing fields, and many unknown ones': text(() => `{${fill((i) => `"${name(i)}":0`, key + scalar)}}`),
  'missing fields, and an unknown object with many numeric keys': text(
    () => `{"x":{${fill((i) => `"${i + 1e6}":0`, key + scalar)}}}`,
  ),
  'an array instead of the elements': text(() => `{"project_id":"p","elements":[${fill(() => '0', scalar)}]}`),
  'a plain text': () => ({ text: long('x'), headers: { 'content-type': 'text/plain' } }),
  'a plain text of control characters': () => ({ text: long('\x01'), headers: { 'content-type': 'text/plain' } }),
  'UTF-16': () => ({ text: config(`"${long('x', 2)}"`), encode: (all) => Buffer.from(all, 'utf16le') }),
  'UTF-16 with the most significant byte first': () => ({
    text: config(`"${long('中', 2)}"`),
    encode: (all) => Buffer.from(all, 'utf16le').swap16(),
  }),
  'UTF-32': () => ({
    text: config(`"${long('x', 4)}"`),
    encode: (all) => Buffer.from(new Uint32Array([...all].map((one) => one.codePointAt(0) as number)).buffer),
  }),
  gzip: () => ({
    text: config(`[${fill(() => '1', scalar)}]`),
    encode: (all) => gzipSync(all),
    headers: { 'content-encoding': 'gzip' },
  }),
  'a request that sets a long name': () => ({
    text: `{"name":"${long('🔋', 4)}"}`,
    method: 'PATCH',
    path: `/pipelines/${FIT}`,
  }),
  'a request that sets a long description': () => ({
    text: `{"description":"${long('x')}"}`,
    method: 'PATCH',
    path: `/pipelines/${FIT}`,
  }),
}
