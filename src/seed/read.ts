import { isAscii, isUtf8 } from 'node:buffer'
import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { extname, join } from 'node:path'
import { type Document, documentOf, positionsIn } from './document.js'
import type { Fault } from './fault.js'
import { parseJson } from './json.js'

type Parse = (text: string) => Document | Promise<Document>

/** As much as control takes; a text of twice that cannot be made. */
const MAX_FILE_BYTES = 256 * 1024 * 1024
const TOO_LARGE = 'this file is larger than 256 MiB: split it'

const MAX_REMEMBERED = { documents: 32, characters: 64 * 1024 }

/** Suites start one mock after another from the same files: what small texts were parsed to is kept, as long as it is used. */
function remembering(parse: Parse): Parse {
  const known = new Map<string, Document>()
  return async (text) => {
    const document = known.get(text) ?? (await parse(text))
    known.delete(text)
    if (text.length <= MAX_REMEMBERED.characters) known.set(text, document)
    if (known.size > MAX_REMEMBERED.documents) known.delete(known.keys().next().value as string)
    return document
  }
}

/** The parser of YAML is large, so it is loaded when there is some. */
const parseYaml = remembering(async (text) => (await import('./yaml.js')).parseYaml(text))

const PARSERS = new Map<string, Parse>([
  ['.json', parseJson],
  ['.yaml', parseYaml],
  ['.yml', parseYaml],
])
const EXTENSIONS = [...PARSERS.keys()].join(', ')

const parserOf = (path: string) => PARSERS.get(extname(path).toLowerCase())

/** Reads a fixture file, or every fixture file in a folder and those below it, in the order of their names. */
export async function readFixtures(path: string): Promise<Document[]> {
  const documents: Document[] = []
  await addAt(path, documents, new Set())
  if (documents.length > 0) return documents
  return [unreadable(path, `there are no fixtures here: name ${EXTENSIONS} files, or a folder that holds some`)]
}

/** Links are followed, but no folder is entered twice. */
async function addAt(path: string, documents: Document[], entered: Set<string>): Promise<void> {
  const found = look(path)
  if ('bytes' in found) documents.push(await parseFixture(path, found.bytes))
  else if ('fault' in found) documents.push(unreadable(path, found.fault))
  else if (!entered.has(found.folder)) {
    entered.add(found.folder)
    for (const name of found.names) await addAt(join(path, name), documents, entered)
  }
}

/**
 * The bytes of a fixture file, or the names in a folder (none where it is neither), or why there are none. To wait for a
 * dozen small reads takes longer than to do them.
 */
function look(path: string): { bytes: Buffer } | { folder: string; names: string[] } | { fault: string } {
  try {
    const found = statSync(path)
    const isFixture = found.isFile() && parserOf(path)
    if (isFixture && found.size > MAX_FILE_BYTES) return { fault: TOO_LARGE }
    if (isFixture) return { bytes: readFileSync(path) }
    const names = found.isDirectory() ? readdirSync(path) : []
    return { folder: realpathSync(path), names: names.filter((name) => !name.startsWith('.')).sort() }
  } catch (error) {
    return { fault: whyUnreadable(error as NodeJS.ErrnoException) }
  }
}

async function parseFixture(file: string, bytes: Buffer): Promise<Document> {
  if (!isUtf8(bytes)) {
    const text = textBefore(bytes, firstBadByte(bytes))
    return unreadable(file, 'this is not UTF-8: save the file with that encoding', positionsIn(text)(text.length))
  }
  const text = textBefore(bytes)
  if (text.trim() === '')
    return unreadable(file, 'this file is empty: expected an object with the key "pipelines"', { line: 1, column: 1 })
  const document = await (parserOf(file) as Parse)(text)
  return { ...document, file, faults: document.faults.map((fault) => ({ file, ...fault })) }
}

/** A byte order mark is no part of the text. Plain ASCII is read twice as fast if that is said. */
const textBefore = (bytes: Buffer, end?: number) =>
  bytes
    .subarray(0, end)
    .toString(isAscii(bytes) ? 'latin1' : 'utf8')
    .replace(/^\uFEFF/, '')

/** Bytes that are not UTF-8 become U+FFFD; where that, written back, begins to differ is the first of them. */
function firstBadByte(bytes: Buffer): number {
  const back = Buffer.from(bytes.toString('utf8'))
  return bytes.findIndex((byte, i) => byte !== back[i])
}

const unreadable = (file: string, message: string, position?: Fault['position']): Document => ({
  ...documentOf(undefined),
  faults: [{ file, position, message }],
})

function whyUnreadable({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'ENOENT') return 'there is no such file or folder: check the path'
  return `this cannot be read (${message}): check the path and its permissions`
}
