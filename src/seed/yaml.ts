import {
  type ErrorCode,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
  visit,
  type Document as YamlDocument,
} from 'yaml'
import { type Document, DUPLICATE_KEY, documentOf, type Spot } from './document.js'
import type { Fault, Path, Position } from './fault.js'

/** Above this many uses of anchors inside anchors, a document is taken for an attempt to fill the memory. */
const MAX_ALIASES = 10_000

const REMEDIES: Partial<Record<ErrorCode, string>> = {
  BAD_DQ_ESCAPE: 'write a backslash as \\\\, or use single quotes',
  BAD_INDENT: 'indent it like what it belongs to',
  BAD_SCALAR_START: 'put the text in quotes',
  BLOCK_AS_IMPLICIT_KEY: 'put a text that holds ": " in quotes, or check the indentation',
  MISSING_CHAR: 'add it, or check the indentation',
  NON_STRING_KEY: 'a key is a text',
  TAB_AS_INDENT: 'use spaces',
  TAG_RESOLVE_FAILED: 'remove the tag',
}
const REMEDY = 'check the indentation and the quotes here'

const START = { position: { line: 1, column: 1 } }

/** Parses one YAML 1.2 document; `<<` merges as everyone expects, and every key is read as text. */
export function parseYaml(text: string): Document {
  const lines = new LineCounter()
  const documents = parseOrGiveUp(text, lines)
  if (!documents)
    return { ...documentOf(undefined), faults: [{ ...START, message: 'nested too deep to be read: flatten it' }] }
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset)
    return { line, column: col }
  }

  const [document, second] = documents
  if (!document) return { ...documentOf(null), locate: (spots) => spots.map(() => START.position) }
  const faults: Fault[] = documents
    .flatMap(({ errors, warnings }) => [...errors, ...warnings])
    .map(({ code, message, pos }) => ({
      position: at(pos[0]),
      message: code === 'DUPLICATE_KEY' ? DUPLICATE_KEY : `broken YAML: ${message}: ${REMEDIES[code] ?? REMEDY}`,
    }))
  if (second)
    faults.push({
      position: at(second.range[0]),
      message: 'a second YAML document begins here: put each in a file of its own',
    })
  visit(document, {
    Alias(_, alias) {
      if (!alias.resolve(document))
        faults.push({
          position: at(alias.range?.[0] ?? 0),
          message: `nothing above this is anchored as &${alias.source}: define it, or write the value out`,
        })
    },
  })
  if (faults.length > 0) return { ...documentOf(undefined), faults }

  try {
    const value: unknown = document.toJS({ maxAliasCount: MAX_ALIASES })
    return { value, faults, locate: (spots) => spots.map((spot) => locate(document, spot, at)) }
  } catch {
    const message = `the aliases in this document stand for more than ${MAX_ALIASES} values: write them out`
    return { ...documentOf(undefined), faults: [{ ...START, message }] }
  }
}

/** Above this many open brackets, the parser would take the whole process down with it. */
const MAX_OPEN_BRACKETS = 1000

function hasManyOpenBrackets(text: string): boolean {
  let open = 0
  for (const [bracket] of text.matchAll(/[[\]{}]/g)) {
    open += bracket === '[' || bracket === '{' ? 1 : -1
    if (open > MAX_OPEN_BRACKETS) return true
  }
  return false
}

/** The parser descends with the document; one that is nested without end exhausts the stack. */
function parseOrGiveUp(text: string, lineCounter: LineCounter) {
  if (hasManyOpenBrackets(text)) return undefined
  try {
    const options = { lineCounter, prettyErrors: false, merge: true, stringKeys: true }
    return parseAllDocuments(text, options) as YamlDocument.Parsed[]
  } catch {
    return undefined
  }
}

/** Where the spot stands; where it came out of an alias or a merge, where the nearest value around it stands. */
function locate(document: YamlDocument.Parsed, { path, part }: Spot, at: (offset: number) => Position) {
  let node: Node | null = document.contents
  let start = node?.range?.[0] ?? 0
  for (const [depth, step] of path.entries()) {
    const found = childOf(node, step)
    if (!found) break
    node = found.value
    const isKey = part === 'key' && depth === path.length - 1
    start = (isKey ? found.key : found.value)?.range?.[0] ?? found.key?.range?.[0] ?? start
  }
  return at(start)
}

function childOf(node: Node | null, step: Path[number]): { key: Node | null; value: Node | null } | undefined {
  if (isSeq(node)) {
    const item = node.items[Number(step)]
    return isNode(item) ? { key: null, value: item } : undefined
  }
  const pair = isMap(node) ? node.items.find(({ key }) => isScalar(key) && String(key.value) === step) : undefined
  return pair && { key: pair.key as Node, value: isNode(pair.value) ? pair.value : null }
}
