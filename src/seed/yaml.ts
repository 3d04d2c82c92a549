import {
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
import { type Document, documentOf, type Spot } from './document.js'
import type { Fault, Path, Position } from './fault.js'

/** Above this many uses of anchors inside anchors, a document is taken for an attempt to fill the memory. */
const MAX_ALIASES = 10_000

/** Parses one YAML 1.2 document; `<<` merges as everyone expects, and every key is read as text. */
export function parseYaml(text: string): Document {
  const lines = new LineCounter()
  const documents = parseAllDocuments(text, {
    lineCounter: lines,
    prettyErrors: false,
    merge: true,
    stringKeys: true,
  }) as YamlDocument.Parsed[]
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset)
    return { line, column: col }
  }

  const [document, second] = documents
  if (!document) return documentOf(null)
  const faults: Fault[] = documents
    .flatMap(({ errors, warnings }) => [...errors, ...warnings])
    .map(({ code, message, pos }) => ({
      position: at(pos[0]),
      message: code === 'DUPLICATE_KEY' ? 'this key is here twice: remove one' : `broken YAML: ${message}`,
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
  } catch (error) {
    return { ...documentOf(undefined), faults: [{ message: `broken YAML: ${(error as Error).message}` }] }
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
