import * as yaml from 'yaml'
import { type Issue, type Path, truncateIssues } from './issue.js'
import { type Document, DUPLICATE_KEY, documentOf, type Location, positionsIn } from './source.js'

/**
 * Maximum number of uses of an anchor. If the value of an anchor contains aliases, these aliases count again for each
 * use of the anchor. Without this limit, nested aliases could exhaust the memory.
 */
const MAX_ALIASES = 10_000

const REMEDIES: Partial<Record<yaml.ErrorCode, string>> = {
  BAD_DQ_ESCAPE: 'write a backslash as \\\\, or use single quotes',
  BAD_INDENT: 'correct the indentation',
  BAD_SCALAR_START: 'put the string in quotes',
  BLOCK_AS_IMPLICIT_KEY: 'put a string that contains ": " in quotes, or check the indentation',
  MISSING_CHAR: 'add the character, or check the indentation',
  NON_STRING_KEY: 'use a string as the key',
  RESOURCE_EXHAUSTION: 'use fewer levels of nesting',
  TAB_AS_INDENT: 'use spaces',
  TAG_RESOLVE_FAILED: 'remove the tag',
}
const DEFAULT_REMEDY = 'check the indentation and the quotes here'

/**
 * `uniqueKeys` is off, because the parser would compare each key with every other key. `repeatedKeys` finds duplicate
 * keys in less time.
 */
const OPTIONS = {
  ...{ prettyErrors: false, merge: true, stringKeys: true, resolveKnownTags: false, uniqueKeys: false },
  // Without this schema, a directive `%YAML 1.1` would make the parser read times as dates and `yes` as true.
  schema: 'core',
} as const

const START = { position: { line: 1, column: 1 } }

/**
 * Parses a text with one YAML 1.2 document. The key `<<` merges maps. All other keys are read as strings. Ignores
 * documents without content, such as an empty document after a final `---`.
 */
export function parseYaml(text: string): Document {
  if (isTooDeep(text))
    return documentOf(undefined, [
      { ...START, code: 'too_deep', message: `nested more than ${MAX_DEPTH} levels deep; use fewer levels` },
    ])
  const documents = yaml.parseAllDocuments(text, OPTIONS) as yaml.Document.Parsed[]
  const at = positionsIn(text)

  const issues: Issue[] = []
  const add = (code: Issue['code'], offset: number, message: string) =>
    void issues.push({ code, position: at(offset), message })

  for (const { code, message, pos } of documents.flatMap(({ errors, warnings }) => [...errors, ...warnings]))
    add('invalid_yaml', pos[0], `invalid YAML: ${reworded(message)}; ${REMEDIES[code] ?? DEFAULT_REMEDY}`)
  const [document, second] = documents.filter(hasContent)
  if (second)
    add('several_documents', second.range[0], 'unexpected second YAML document; move this document to its own file')
  const anchors = new Set<string>()
  yaml.visit(document ?? null, (_, node) => {
    if (yaml.isMap(node))
      for (const key of repeatedKeys(node)) add('duplicate_key', startOf(key), DUPLICATE_KEY.message)
    if (yaml.isAlias(node) && !anchors.has(node.source))
      add(
        'undefined_alias',
        startOf(node),
        `undefined alias *${node.source}; define the anchor &${node.source} above it, or use a value instead`,
      )
    else if (yaml.isNode(node) && 'anchor' in node && node.anchor) anchors.add(node.anchor)
  })
  if (issues.length > 0) return documentOf(undefined, truncateIssues(issues))
  if (!document) return { ...documentOf(null), locate: (locations) => locations.map(() => START.position) }

  try {
    const value: unknown = document.toJS({ maxAliasCount: MAX_ALIASES })
    return { value, issues, locate: (locations) => locations.map((location) => at(locate(document, location))) }
  } catch (error) {
    return documentOf(undefined, [{ ...START, ...unresolved(error as Error) }])
  }
}

/** Returns whether a document contains more than comments and markers. */
const hasContent = ({ contents }: yaml.Document.Parsed) =>
  !(yaml.isScalar(contents) && contents.type === 'PLAIN' && contents.source === '')

/**
 * Rewords two messages of the parser: `Missing closing "quote` becomes `Missing closing "`, and `With stringKeys, all
 * keys must be strings` becomes `All keys must be strings`.
 */
const reworded = (message: string) => message.replace(/(?<=["'])quote$/, '').replace('With stringKeys, all', 'All')

function unresolved(error: Error): Pick<Issue, 'code' | 'message'> {
  if (!(error instanceof ReferenceError))
    return { code: 'invalid_yaml', message: `invalid YAML: ${error.message}; check the value of <<` }
  return {
    code: 'too_many_aliases',
    message: `anchor used more than ${MAX_ALIASES} times, including nested uses; replace aliases with the value`,
  }
}

/** Returns the keys of a map that repeat an earlier key. */
function repeatedKeys({ items }: yaml.YAMLMap): unknown[] {
  const known = new Set<unknown>()
  return items
    .map(({ key }) => key)
    .filter((key) => known.size === known.add(yaml.isScalar(key) ? key.value : key).size)
}

/**
 * Maximum depth of nesting. The parser is recursive, so deep nesting exhausts its stack. In the worst case, each
 * level is a map that contains a sequence in the same column. `isTooDeep` counts this map and this sequence as one
 * level. About 500 such levels exhaust the stack (measured).
 */
const MAX_DEPTH = 250

/**
 * Returns whether blocks and brackets are nested deeper than `MAX_DEPTH`. A block inside another block starts in a
 * later column, so a deep block needs a long line. The function tokenizes the text only if the text has a long line
 * or many brackets, because tokenizing takes time.
 */
function isTooDeep(text: string): boolean {
  const brackets = text.match(/[[{]/g)?.length ?? 0
  if (brackets <= MAX_DEPTH && !LONG_LINE.test(text)) return false
  const blocks: number[] = []
  let [column, open, hasHeader] = [0, 0, false]
  for (const token of new yaml.Lexer().lex(text)) {
    if (token === '[' || token === '{') open++
    else if (token === ']' || token === '}') open = Math.max(0, open - 1)
    else if (token === FLOW_END) open = 0
    else if (open === 0 && startsBlock(token) && !(hasHeader && token === SCALAR)) {
      while (Number(blocks.at(-1)) >= column) blocks.pop()
      blocks.push(column)
    }
    if (open + blocks.length > MAX_DEPTH) return true
    // A block scalar is a text after `|` or `>`. The lexer emits this text as if the text started in column 0.
    // Therefore the text is not counted as a block.
    hasHeader = /^[|>]/.test(token) || (hasHeader && token !== SCALAR)
    column = token.includes('\n') ? token.length - token.lastIndexOf('\n') - 1 : column + token.length
  }
  return false
}

const LONG_LINE = new RegExp(`^.{${MAX_DEPTH}}`, 'm')

/** The token that the lexer emits before a scalar. */
const SCALAR = '\u001f'

/** The token that the lexer emits when a less indented line ends brackets that are still open. */
const FLOW_END = '\u0018'

const startsBlock = (token: string) => token === '-' || token === '?' || token === ':' || token === SCALAR

/**
 * Returns the offset of a location. A value inside an alias gets the offset of the alias. A value that was merged
 * from another map gets the offset of the map that contains `<<`.
 */
function locate(document: yaml.Document.Parsed, { path, part }: Location): number {
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

/** Returns the offset at which a node starts. Every parsed node has a range. */
const startOf = (node: unknown): number => (node as yaml.ParsedNode).range[0]

/**
 * Returns the key node and the value node to which a step of a path leads. The key is null in a sequence. Returns
 * undefined if a map does not contain the step, or if `node` is neither a sequence nor a map.
 */
function childOf(node: unknown, step: Path[number]): { key: unknown; value: unknown } | undefined {
  if (yaml.isSeq(node)) return { key: null, value: node.items[Number(step)] }
  return yaml.isMap(node) ? node.items.find(({ key }) => yaml.isScalar(key) && key.value === step) : undefined
}
