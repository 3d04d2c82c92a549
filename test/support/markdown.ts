import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { ROOT } from './paths.js'

/** A fenced code block of a page. */
export interface Block {
  readonly page: string
  /** The number of the line on which the block begins. */
  readonly line: number
  readonly language: string
  /** The file name after the language, or an empty string. Tests write a block with a file name to that file. */
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

/** The Markdown documents that the tests check. */
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
  if (!found) throw new Error(`unknown page "${path}": add it to PAGES`)
  return found
}

/**
 * Returns the rows of all tables in a text, header rows and separators included. A row is an array of cells. An
 * escaped bar does not end a cell.
 */
export const rowsOf = (text: string): string[][] =>
  [...text.matchAll(/^\|(.*)\|$/gm)].map(([, row = '']) => row.split(/(?<!\\)\|/).map((cell) => cell.trim()))

/**
 * Returns the links from a page to files of the repository. `target` is a path from the root of the repository.
 * `anchor` is the part of the link after `#`, or an empty string.
 */
export const linksOf = ({ path, text }: Page) =>
  [...text.replace(FENCE, '').matchAll(/\]\((?!https?:)([^)#]*)#?([^)]*)\)/g)].map(([, target = '', anchor = '']) => ({
    target: target === '' ? path : normalize(join(dirname(path), target)),
    anchor,
  }))

/** Returns the anchors that GitHub generates for the headings of a page. */
export const anchorsOf = ({ text }: Page) =>
  [...text.replace(FENCE, '').matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  )
