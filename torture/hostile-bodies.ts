import { FIT } from '../test/support/lab.js'

/** A request whose body has places for hostile values. */
export interface Place {
  readonly method: string
  readonly path: string
  /** Returns a body that contains the given JSON text. */
  readonly around: (value: string) => string
}

/** Requests for hostile values. Each line is a method, a path and a body. A hostile value replaces each `$`. */
export const PLACES = `
POST /pipelines {"project_id":"p","name":"n","elements":{"a":{"element_type":"entry","values":$}}}
POST /pipelines {"project_id":"p","name":$,"description":$,"options":$,"elements":$}
PATCH /pipelines/${FIT} {"name":$,"description":$}
POST /_mock/seed {"pipelines":[{"name":"n","elements":[{"name":"e","job_config":{"a":$}}]}]}
POST /_mock/seed {"pipelines":[{"name":$,"status":$,"elements":$}]}
POST /_mock/pipelines {"pipelines":[{"name":"n","elements":[{"name":"e","result":{"a":$}}]}]}
POST /_mock/faults {"operation":"get_pipeline","respond":{"status":503,"body":$}}
POST /_mock/pipelines {"pipelines":[{"name":$}]}
POST /_mock/faults {"operation":$,"times":$,"respond":{"status":$,"headers":$}}
PATCH /_mock/pipelines/${FIT} {"element":$,"status":"failed","error":$,"result":$}
PUT /_mock/clock {"mode":"frozen","now":$}
POST /_mock/clock/advance {"by":$}
POST /_mock/reset {"only":$}
`
  .trim()
  .split('\n')
  .map((line): Place => {
    const [method = '', path = '', template = ''] = line.split(' ')
    return { method, path, around: (value) => template.replaceAll('$', () => value) }
  })

/** Values that pollute prototypes or override methods in programs that merge objects carelessly. */
export const POLLUTING: readonly (readonly [title: string, value: string])[] = [
  ['__proto__', '{"__proto__":{"polluted":true}}'],
  ['constructor', '{"constructor":{"prototype":{"polluted":true}}}'],
  ['prototype', '{"prototype":null,"toString":null,"hasOwnProperty":1,"valueOf":{},"then":"x"}'],
  ['toJSON', '{"toJSON":{},"length":-1,"then":{}}'],
]

export const NOT_UTF8 = 'bytes that are not UTF-8'

/**
 * Returns texts to use as JSON values. Programs often handle such values wrongly. Some of the texts are invalid JSON.
 * `scale` multiplies the length of the long texts, but not the depth of the nested texts.
 */
export function hostileValues(scale: number): (readonly [title: string, value: string])[] {
  const [DEEP, K, M] = [100_000, 100_000 * scale, 1_000_000 * scale]
  const nested = (open: string, close: string, depth = DEEP) => `${open.repeat(depth)}1${close.repeat(depth)}`
  const members = (keyOf: (i: number) => string) => Array.from({ length: K }, (_, i) => `"${keyOf(i)}":${i}`).join(',')
  return [
    ['nested arrays', nested('[', ']')],
    ['nested objects', nested('{"a":', '}')],
    ['nested arrays and objects', nested('[{"1":', '}]')],
    ['unclosed arrays', '['.repeat(DEEP)],
    ['unclosed objects', '{"a":'.repeat(DEEP)],
    ['arrays with too many closing brackets', `${'['.repeat(500)}${']'.repeat(DEEP)}`],
    ['arrays of nearly the maximum depth', nested('[', ']', 890)],
    ['arrays far above the maximum depth', nested('[', ']', 2500)],
    ['arrays above the maximum depth', nested('[', ']', 1100)],
    ['a long array', `[${'0,'.repeat(M)}0]`],
    ['a long array of objects', `[${'{},'.repeat(M / 2)}{}]`],
    ['many keys', `{${members((i) => `k${i}`)}}`],
    ['many integer keys', `{${members((i) => String(K - i))}}`],
    ['a long string', `"${'t'.repeat(5 * M)}"`],
    ['a long string of escapes', `"${'\\u0000'.repeat(M / 2)}"`],
    ['a long string of backslashes', `"${'\\\\'.repeat(M)}"`],
    ['a long unclosed string', `"${'t'.repeat(5 * M)}`],
    ['a long string of backslashes, unclosed', `"${'\\'.repeat(M + 1)}`],
    ['many strings without commas', '"a" "b" '.repeat(K)],
    ['a long integer', '9'.repeat(M)],
    ['a long fraction', `0.${'1'.repeat(M)}`],
    ['a long exponent', `1e${'9'.repeat(K)}`],
    ['a number above the range of doubles', '1e999'],
    ['NaN', 'NaN'],
    ['minus zero', '-0'],
    ['half of a surrogate pair', '"\\ud800"'],
    ['half of a surrogate pair in a key', '{"\\udfff":1}'],
    ['an escaped NUL', '"\\u0000"'],
    ['an unescaped NUL', '"\0"'],
    ['spaces', ' '.repeat(5 * M)],
    ['an object after spaces', ' '.repeat(5 * M) + '{}'],
    ['line ends', '\n'.repeat(5 * M)],
    ['commas', ','.repeat(M)],
    ['colons', ':'.repeat(M)],
    ['an unclosed comment', `/*${'*'.repeat(M)}`],
    ['byte order marks', '\ufeff'.repeat(1000) + '{}'],
    ...POLLUTING,
    ['true', 'true'],
    ['null', 'null'],
    [NOT_UTF8, Buffer.from('22fffe22', 'hex').toString('latin1')],
  ]
}

/**
 * JSON string literals to use as keys of elements. JavaScript objects treat some of these keys specially, and
 * careless programs corrupt others.
 */
export const HOSTILE_KEYS = [
  ...'"__proto__" "constructor" "prototype" "toString" "hasOwnProperty" "" "2" "1" "01" "-1"'.split(' '),
  ...'"4294967295" "4294967294" "9007199254740993" "\\ud800" "\\udfff" "\\u0000" "a\\u0000b" "é"'.split(' '),
  ...'"valueOf" "then" "toJSON" "length" "elements" "a/b" "%2f" "\\n" "0" "🔋" "1.5" "\\u0033"'.split(' '),
  ...'"__defineGetter__" "__lookupSetter__" "arguments" "\\"" "\\\\" "\'" "${x}"'.split(' '),
  // The last key looks like the key `é`, but consists of an `e` and a combining accent.
  ...['" "', '"é"', '"e\u0301"'],
]
