import {
  type ErrorCode,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  Lexer,
  type ParsedNode,
  parseAllDocuments,
  visit,
  type Document as YamlDocument,
  type YAMLMap,
} from 'yaml'
import { type Document, DUPLICATE_KEY, documentOf, positionsIn, type Spot } from './source.js'
import { type Fault, type Path, toldOf } from './issue.js'

/** Above this many uses of anchors inside anchors, a document is taken for an attempt to fill the memory. */
const MAX_ALIASES = 10_000

const REMEDIES: Partial<Record<ErrorCode, string>> = {
  BAD_DQ_ESCAPE: 'write a backslash as \\\\, or use single quotes',
  BAD_INDENT: 'indent it like what it belongs to',
  BAD_SCALAR_START: 'put the text in quotes',
  BLOCK_AS_IMPLICIT_KEY: 'put a text that holds ": " in quotes, or check the indentation',
  MISSING_CHAR: 'add it, or check the indentation',
  NON_STRING_KEY: 'a key is a text',
  RESOURCE_EXHAUSTION: 'nested too deep: flatten it',
  TAB_AS_INDENT: 'use spaces',
  TAG_RESOLVE_FAILED: 'remove the tag',
}
const REMEDY = 'check the indentation and the quotes here'

/** Keys that are there twice are found below: the parser compares each with each. */
const OPTIONS = { prettyErrors: false, merge: true, stringKeys: true, resolveKnownTags: false, uniqueKeys: false }

const START = { position: { line: 1, column: 1 } }

/** Parses one YAML 1.2 document; `<<` merges as everyone expects, and every key is read as text. */
export function parseYaml(text: string): Document {
  if (isTooDeep(text))
    return { ...documentOf(undefined), faults: [{ ...START, message: 'nested too deep to be read: flatten it' }] }
  const documents = parseAllDocuments(text, OPTIONS) as YamlDocument.Parsed[]
  const at = positionsIn(text)

  const [document, second] = documents
  if (!document) return { ...documentOf(null), locate: (spots) => spots.map(() => START.position) }
  const faults: Fault[] = documents
    .flatMap(({ errors, warnings }) => [...errors, ...warnings])
    .map(({ code, message, pos }) => ({
      position: at(pos[0]),
      message: `broken YAML: ${message}: ${REMEDIES[code] ?? REMEDY}`,
    }))
  if (second)
    faults.push({
      position: at(second.range[0]),
      message: 'a second YAML document begins here: put each in a file of its own',
    })
  const anchors = new Set<string>()
  visit(document, (_, node) => {
    if (isMap(node))
      for (const key of repeatedKeys(node)) faults.push({ position: at(startOf(key)), message: DUPLICATE_KEY })
    if (isAlias(node) && !anchors.has(node.source))
      faults.push({
        position: at(startOf(node)),
        message: `nothing above this is anchored as &${node.source}: define it, or write the value out`,
      })
    else if (isNode(node) && 'anchor' in node && node.anchor) anchors.add(node.anchor)
  })
  if (faults.length > 0) return { ...documentOf(undefined), faults: toldOf(faults) }

  try {
    const value: unknown = document.toJS({ maxAliasCount: MAX_ALIASES })
    return { value, faults, locate: (spots) => spots.map((spot) => at(locate(document, spot))) }
  } catch (error) {
    return { ...documentOf(undefined), faults: [{ ...START, message: whyUnresolved(error as Error) }] }
  }
}

const whyUnresolved = (error: Error) =>
  error instanceof ReferenceError
    ? `the aliases in this document stand for more than ${MAX_ALIASES} values: write them out`
    : `broken YAML: ${error.message}: check what << stands before`

/** The keys of a map that stand in it before. */
function repeatedKeys({ items }: YAMLMap): unknown[] {
  const known = new Set<unknown>()
  return items.map(({ key }) => key).filter((key) => known.size === known.add(isScalar(key) ? key.value : key).size)
}

/** Nested deeper, the parser might take the whole process down with it. */
const MAX_DEPTH = 1000

const isTooDeep = (text: string) => depthOfBlocks(text) > MAX_DEPTH || hasManyOpenBrackets(text)

function hasManyOpenBrackets(text: string): boolean {
  if ((text.match(/[[{]/g) ?? []).length <= MAX_DEPTH) return false
  let open = 0
  for (const token of new Lexer().lex(text)) {
    if (token === '[' || token === '{') open++
    else if (token === ']' || token === '}') open--
    if (open > MAX_DEPTH) return true
  }
  return false
}

/** How deep blocks are nested, by the columns where their lines begin, and by the indicators in a row in one line. */
function depthOfBlocks(text: string): number {
  const open: number[] = []
  let deepest = 0
  for (const [line] of text.matchAll(/^ *[^ #\r\n].*/gm)) {
    const indicator = /[-?:][ \t]+/y
    indicator.lastIndex = line.search(/[^ ]/)
    do {
      const column = indicator.lastIndex
      while (Number(open.at(-1)) >= column) open.pop()
      deepest = Math.max(deepest, open.push(column))
    } while (indicator.test(line))
    for (const [run] of line.matchAll(/(?:[-?:][ \t]+){2,}/g))
      deepest = Math.max(deepest, open.length + run.split(/[ \t]+/).length)
  }
  return deepest
}

/** Where the spot stands; where it came out of an alias or a merge, where the nearest value around it stands. */
function locate(document: YamlDocument.Parsed, { path, part }: Spot): number {
  let node: unknown = document.contents
  let offset = startOf(node)
  for (const [depth, step] of path.entries()) {
    const found = childOf(node, step)
    if (!found) break
    const isKey = part === 'key' && depth === path.length - 1
    offset = startOf(isKey || found.value === null ? found.key : found.value)
    node = found.value
  }
  return offset
}

/** Every node that the parser made knows its range. */
const startOf = (node: unknown): number => (node as ParsedNode).range[0]

/** The key and value of a pair, or an item with nothing before it. Of a key alone, the value is null. */
function childOf(node: unknown, step: Path[number]): { key: unknown; value: unknown } | undefined {
  if (isSeq(node)) return { key: null, value: node.items[Number(step)] }
  return isMap(node) ? node.items.find(({ key }) => isScalar(key) && key.value === step) : undefined
}
