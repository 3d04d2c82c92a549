import { type JSONVisitor, printParseErrorCode, visit } from 'jsonc-parser'
import { type Issue, type Path, truncateIssues } from './issue.js'
import { type Document, DUPLICATE_KEY, documentOf, type Location, positionsIn } from './source.js'

const REMEDIES: Record<string, string> = {
  InvalidSymbol: 'unexpected text; put strings and keys in double quotes',
  PropertyNameExpected: 'expected a key in double quotes; quote the key, or remove the extra comma',
  ValueExpected: 'expected a value; add a value, or remove the extra comma',
  ColonExpected: 'expected a colon after the key; add the colon',
  CommaExpected: 'expected a comma or a closing bracket; add the missing character',
  CloseBraceExpected: 'unclosed object; add the closing }',
  CloseBracketExpected: 'unclosed array; add the closing ]',
  EndOfFileExpected: 'text after the end of the document; remove this text',
  InvalidCommentToken: 'comments are not allowed; remove this comment (in YAML files, # starts a comment)',
  UnexpectedEndOfString: 'unclosed string; add the closing double quote, and write line breaks as \\n',
  UnexpectedEndOfNumber: 'incomplete number; add the missing digits',
  InvalidUnicode: 'invalid escape; write four hexadecimal digits after \\u',
  InvalidEscapeCharacter: 'invalid escape; write a backslash as \\\\',
  InvalidCharacter: 'control character in a string; write the character as \\n, \\t or \\uXXXX',
}

/**
 * Parses JSON as strictly as `JSON.parse`, and nearly as fast. If there is an issue, a slower parser finds its
 * position.
 *
 * If an object contains the same key twice, `JSON.parse` keeps only the last value, so the parsed value has fewer keys
 * than the text. Comparing the two numbers of keys is a fast test for duplicate keys.
 */
export function parseJson(text: string): Document {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return documentOf(undefined, [syntaxIssue(text)])
  }
  const duplicates = countKeys(text) === countOwnKeys(value) ? [] : duplicateKeys(text)
  return { value, issues: truncateIssues(duplicates), locate: (locations) => locate(text, locations) }
}

/**
 * Calls a visitor for each part of a text, with the position of the part. The parser is recursive. If deep nesting
 * exhausts the stack, the scan ends early.
 */
function scan(text: string, visitor: JSONVisitor): void {
  try {
    visit(text, visitor, { disallowComments: true })
  } catch {
    // The stack is exhausted: the caller uses the results so far.
  }
}

/** Returns only the first syntax error, because the first error usually causes the later errors. */
function syntaxIssue(text: string): Issue {
  const positionAt = positionsIn(text)
  let issue: Issue | undefined
  scan(text, {
    onError: (error, offset) => {
      const message = `invalid JSON: ${REMEDIES[printParseErrorCode(error)]}`
      issue ??= { code: 'invalid_json', position: positionAt(offset), message }
    },
  })
  const message = 'invalid JSON: nested too deeply to locate the error; use fewer levels'
  return issue ?? { code: 'too_deep', position: positionAt(0), message }
}

/** Counts the keys in the text of a valid JSON document. A string is a key if it is followed by a colon. */
function countKeys(text: string): number {
  const bytes = Buffer.from(text)
  let keys = 0
  for (let at = 0; at < bytes.length; at++) {
    if (bytes[at] !== QUOTE) continue
    for (at++; bytes[at] !== QUOTE; at++) if (bytes[at] === BACKSLASH) at++
    while (Number(bytes[at + 1]) <= SPACE) at++
    if (bytes[at + 1] === COLON) keys++
  }
  return keys
}

const [SPACE, QUOTE, COLON, BACKSLASH] = [0x20, 0x22, 0x3a, 0x5c]

/** Counts the keys of all objects in a value. */
function countOwnKeys(root: unknown): number {
  let keys = 0
  const rest = [root]
  while (rest.length > 0) {
    const value = rest.pop()
    if (typeof value !== 'object' || value === null) continue
    if (Array.isArray(value)) for (const item of value) rest.push(item)
    else
      for (const key in value) {
        keys++
        const inner = (value as Record<string, unknown>)[key]
        if (typeof inner === 'object') rest.push(inner)
      }
  }
  return keys
}

function duplicateKeys(text: string): Issue[] {
  const positionAt = positionsIn(text)
  const issues: Issue[] = []
  const open: Set<string>[] = []
  scan(text, {
    onObjectBegin: () => void open.push(new Set()),
    onObjectEnd: () => void open.pop(),
    onObjectProperty: (key, offset, _length, _line, _column, path) => {
      const keys = open.at(-1) as Set<string>
      if (keys.has(key)) issues.push({ ...DUPLICATE_KEY, position: positionAt(offset), path: [...path(), key] })
      keys.add(key)
    },
  })
  return issues
}

/**
 * Returns the position of each location. If the text does not contain a location, uses the position of the value that
 * would contain the location.
 */
function locate(text: string, locations: readonly Location[]) {
  const id = (part: Location['part'], path: Path) => part + JSON.stringify(path)
  const around = ({ path }: Location) => id('value', path.slice(0, -1))
  const wanted = new Set(locations.flatMap((location) => [id(location.part, location.path), around(location)]))
  const lastSteps = new Set(locations.flatMap(({ path }) => [path.at(-1), path.at(-2)]))
  const offsets = new Map<string, number>()
  const note = (part: Location['part'], path: Path, offset: number) => {
    // Comparing the last step of a path is fast, and excludes most values. Only the other values need a comparison of
    // the whole path.
    if (lastSteps.has(path.at(-1)) && wanted.has(id(part, path))) offsets.set(id(part, path), offset)
  }
  scan(text, {
    onObjectBegin: (offset, _length, _line, _column, path) => note('value', path(), offset),
    onArrayBegin: (offset, _length, _line, _column, path) => note('value', path(), offset),
    onLiteralValue: (_value, offset, _length, _line, _column, path) => note('value', path(), offset),
    onObjectProperty: (key, offset, _length, _line, _column, path) => note('key', [...path(), key], offset),
  })
  const positionAt = positionsIn(text)
  return locations.map((location) => {
    const offset = offsets.get(id(location.part, location.path)) ?? offsets.get(around(location)) ?? 0
    return positionAt(offset)
  })
}
