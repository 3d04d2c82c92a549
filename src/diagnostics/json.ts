import { type JSONVisitor, printParseErrorCode, visit } from 'jsonc-parser'
import { type Document, DUPLICATE_KEY, documentOf, positionsIn, type Spot } from './source.js'
import { type Fault, type Path, toldOf } from './issue.js'

const REMEDIES: Record<string, string> = {
  InvalidSymbol: 'this is no JSON value: texts want double quotes',
  InvalidNumberFormat: 'this is no JSON number',
  PropertyNameExpected: 'a key in double quotes is missing here: is there a comma too many?',
  ValueExpected: 'a value is missing here: is there a comma too many?',
  ColonExpected: 'a colon is missing here',
  CommaExpected: 'a comma is missing here',
  CloseBraceExpected: 'a closing } is missing here',
  CloseBracketExpected: 'a closing ] is missing here',
  EndOfFileExpected: 'the document has ended before this: remove what follows',
  InvalidCommentToken: 'JSON has no comments: remove it, or save the file as YAML',
  UnexpectedEndOfComment: 'JSON has no comments: remove it, or save the file as YAML',
  UnexpectedEndOfString: 'the text that begins here is not closed: add the double quotes',
  UnexpectedEndOfNumber: 'this number is not complete',
  InvalidUnicode: 'a \\u escape wants four hexadecimal digits',
  InvalidEscapeCharacter: 'JSON knows no such escape: write a backslash as \\\\',
  InvalidCharacter: 'a text cannot hold a bare control character: write it as \\n, \\t or \\uXXXX',
}

/** Parses JSON as strictly as `JSON.parse`, and as fast: the text is read again only when something is wrong. */
export function parseJson(text: string): Document {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { ...documentOf(undefined), faults: [syntaxFault(text)] }
  }
  const faults = countKeys(text) === countOwnKeys(value) ? [] : duplicateKeys(text)
  return { value, faults: toldOf(faults), locate: (spots) => locate(text, spots) }
}

/** Reads the text again, for places. This descends with the document: in one nested without end, it gives up. */
function scan(text: string, visitor: JSONVisitor): void {
  try {
    visit(text, visitor, { disallowComments: true })
  } catch {
    // The stack was exhausted: what was found until then is all there is.
  }
}

/** The first error only: those after it are mostly its consequences. */
function syntaxFault(text: string): Fault {
  const positionAt = positionsIn(text)
  let fault: Fault | undefined
  scan(text, {
    onError: (error, offset) => {
      const message = `broken JSON: ${REMEDIES[printParseErrorCode(error)]}`
      fault ??= { position: positionAt(offset), message }
    },
  })
  return fault ?? { position: positionAt(0), message: 'broken JSON, nested too deep to be looked into: flatten it' }
}

/** How many keys the text of a valid JSON document has: strings that a colon follows. */
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

/** How many keys are left in the value: fewer than in its text, if one was written twice. */
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

function duplicateKeys(text: string): Fault[] {
  const positionAt = positionsIn(text)
  const faults: Fault[] = []
  const open: Set<string>[] = []
  scan(text, {
    onObjectBegin: () => void open.push(new Set()),
    onObjectEnd: () => void open.pop(),
    onObjectProperty: (key, offset, _length, _line, _column, path) => {
      const keys = open.at(-1) as Set<string>
      if (keys.has(key))
        faults.push({
          position: positionAt(offset),
          path: [...path(), key],
          message: DUPLICATE_KEY,
        })
      keys.add(key)
    },
  })
  return faults
}

/** Where the spots stand; where one is not in the text, where the object that it would be in stands, or the text. */
function locate(text: string, spots: readonly Spot[]) {
  const id = (part: Spot['part'], path: Path) => part + JSON.stringify(path)
  const around = ({ path }: Spot) => id('value', path.slice(0, -1))
  const wanted = new Set(spots.flatMap((spot) => [id(spot.part, spot.path), around(spot)]))
  const lastSteps = new Set(spots.flatMap(({ path }) => [path.at(-1), path.at(-2)]))
  const offsets = new Map<string, number>()
  const note = (part: Spot['part'], path: Path, offset: number) => {
    // Most places are told to be none of the wanted by their last step alone.
    if (lastSteps.has(path.at(-1)) && wanted.has(id(part, path))) offsets.set(id(part, path), offset)
  }
  scan(text, {
    onObjectBegin: (offset, _length, _line, _column, path) => note('value', path(), offset),
    onArrayBegin: (offset, _length, _line, _column, path) => note('value', path(), offset),
    onLiteralValue: (_value, offset, _length, _line, _column, path) => note('value', path(), offset),
    onObjectProperty: (key, offset, _length, _line, _column, path) => note('key', [...path(), key], offset),
  })
  const positionAt = positionsIn(text)
  return spots.map((spot) => {
    const offset = offsets.get(id(spot.part, spot.path)) ?? offsets.get(around(spot)) ?? 0
    return positionAt(offset)
  })
}
