import { type JSONVisitor, printParseErrorCode, visit } from 'jsonc-parser'
import { type Issue, type Path, truncateIssues } from './issue.js'
import { type Document, DUPLICATE_KEY, documentOf, type Location, positionsIn } from './source.js'

const REMEDIES: Record<string, string> = {
  InvalidSymbol: 'expected a value: strings need double quotes',
  PropertyNameExpected: 'expected a key in double quotes: is there a comma too many?',
  ValueExpected: 'expected a value: is there a comma too many?',
  ColonExpected: 'expected a colon',
  CommaExpected: 'expected a comma',
  CloseBraceExpected: 'expected a closing }',
  CloseBracketExpected: 'expected a closing ]',
  EndOfFileExpected: 'expected the end of the document: remove what follows',
  InvalidCommentToken: 'JSON has no comments: remove it, or save the file as YAML',
  UnexpectedEndOfString: 'the string that starts here has no end: add the closing double quote',
  UnexpectedEndOfNumber: 'incomplete number',
  InvalidUnicode: 'invalid escape: \\u needs four hexadecimal digits',
  InvalidEscapeCharacter: 'invalid escape: write a backslash as \\\\',
  InvalidCharacter: 'invalid control character in a string: write it as \\n, \\t or \\uXXXX',
}

/**
 * Parses JSON as strictly as `JSON.parse`, and nearly as fast: the text is read again only when something is wrong.
 *
 * `JSON.parse` accepts an object that has a key twice, and keeps the last. To find these without a slow parse of every
 * document, the keys of the text are counted and compared with the keys of the value, which are fewer in that case.
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

/** Reads the text again, for positions. The visitor is recursive: it gives up where nesting exhausts the stack. */
function scan(text: string, visitor: JSONVisitor): void {
  try {
    visit(text, visitor, { disallowComments: true })
  } catch {
    // The stack is exhausted: what was found so far is used.
  }
}

/** The first error only: later ones are mostly its consequences. */
function syntaxIssue(text: string): Issue {
  const positionAt = positionsIn(text)
  let issue: Issue | undefined
  scan(text, {
    onError: (error, offset) => {
      const message = `invalid JSON: ${REMEDIES[printParseErrorCode(error)]}`
      issue ??= { code: 'invalid_json', position: positionAt(offset), message }
    },
  })
  const message = 'invalid JSON, nested too deeply to say where: flatten it'
  return issue ?? { code: 'too_deep', position: positionAt(0), message }
}

/** Counts the keys in the text of a valid JSON document: the strings that a colon follows. */
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

/** Finds the positions of locations; of one that is not in the text, the position of the value around it. */
function locate(text: string, locations: readonly Location[]) {
  const id = (part: Location['part'], path: Path) => part + JSON.stringify(path)
  const around = ({ path }: Location) => id('value', path.slice(0, -1))
  const wanted = new Set(locations.flatMap((location) => [id(location.part, location.path), around(location)]))
  const lastSteps = new Set(locations.flatMap(({ path }) => [path.at(-1), path.at(-2)]))
  const offsets = new Map<string, number>()
  const note = (part: Location['part'], path: Path, offset: number) => {
    // Fast path: most values are ruled out by the last step of their path.
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
