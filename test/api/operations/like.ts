import fc from 'fast-check'
import t from 'tap'
import { compileLike } from '../../../src/api/operations/like.js'
import { runs } from '../../support/runs.js'

const textOf = (...characters: string[]) =>
  fc.array(fc.constantFrom(...characters), { maxLength: 8 }).map((some) => some.join(''))

/** Returns a regular expression that is equivalent to a pattern. */
const expressionOf = (pattern: string) =>
  new RegExp(`^${pattern.replace(/[%*]/g, '.*').replaceAll('_', '.').replaceAll('^', '\\^')}$`, 'su')

t.test('a pattern of LIKE matches the same texts as the equivalent regular expression', async () => {
  const property = fc.property(
    textOf('a', 'b', '^', '🔋', '\n'),
    textOf('a', 'b', '^', '🔋', '%', '*', '_'),
    (text, pattern) => {
      return compileLike(pattern)(text) === expressionOf(pattern).test(text)
    },
  )
  fc.assert(property, { numRuns: 25 * runs().numRuns })
})

t.test('a pattern of LIKE can be longer than 32 characters', async (t) => {
  const text = 'abcdefgh'.repeat(20)
  const table: [pattern: string, matches: boolean][] = [
    [text, true],
    [`${text}a`, false],
    [text.slice(0, -1), false],
    [text.replaceAll('c', '_'), true],
    [text.replaceAll('c', '%'), true],
    [`%${text.slice(8)}`, true],
    [`${text.slice(0, -8)}%`, true],
    [`%${text.slice(3, 70)}%${text.slice(-40)}`, true],
    [`%${text.slice(3, 70)}%${text.slice(-100)}`, false],
  ]
  for (const [pattern, matches] of table) t.equal(compileLike(pattern)(text), matches, pattern)
})
