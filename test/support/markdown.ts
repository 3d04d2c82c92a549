import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { ROOT } from './paths.js'

/** A fenced block of code. */
export interface Block {
  readonly page: string
  /** The line of the page on which the block begins. */
  readonly line: number
  readonly language: string
  /** The word after the language: the name of a file that has this content. */
  readonly name: string
  readonly text: string
}

export interface Page {
  readonly path: string
  readonly text: string
  readonly blocks: readonly Block[]
}

const FENCE = /^```(\w*) *(\S*)\n([\s\S]*?)^```$/gm

function pageOf(path: string): Page {
  const text = readFileSync(join(ROOT, path), 'utf8')
  const blocks = [...text.matchAll(FENCE)].map(({ index, 1: language = '', 2: name = '', 3: content = '' }) => {
    const line = text.slice(0, index).split('\n').length
    return { page: path, line, language, name, text: content }
  })
  return { path, text, blocks }
}

/** The documents that are written for users and contributors. */
export const PAGES: readonly Page[] = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'CHANGELOG.md',
  'fixtures/README.md',
  'bench/README.md',
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/${file}`)
    .sort(),
].map(pageOf)

export function page(path: string): Page {
  const found = PAGES.find((one) => one.path === path)
  if (!found) throw new Error(`no page ${path}: add it to PAGES`)
  return found
}

/** The rows of the tables of a text, each an array of its cells. Escaped bars stay in their cell. */
export const rowsOf = (text: string): string[][] =>
  [...text.matchAll(/^\|(.*)\|$/gm)].map(([, row = '']) => row.split(/(?<!\\)\|/).map((cell) => cell.trim()))

/** The links of a page: where each leads, as a path from the root of the repository, and the heading that it names. */
export const linksOf = ({ path, text }: Page) =>
  [...text.replace(FENCE, '').matchAll(/\]\((?!https?:)([^)#]*)#?([^)]*)\)/g)].map(([, target = '', anchor = '']) => ({
    target: target === '' ? path : normalize(join(dirname(path), target)),
    anchor,
  }))

/** The anchors of the headings of a page, as GitHub makes them. */
export const anchorsOf = ({ text }: Page) =>
  [...text.replace(FENCE, '').matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  )
