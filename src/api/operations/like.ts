/** A set of numbers: bit `n` is 1 if the set contains `n`. */
type Bits = Uint32Array

function bitsOf(numbers: readonly number[], max: number): Bits {
  const bits = new Uint32Array((max >> 5) + 1)
  for (const n of numbers) bits[n >> 5] = (bits[n >> 5] as number) | (1 << (n & 31))
  return bits
}

const has = (bits: Bits, n: number) => (((bits[n >> 5] as number) >>> (n & 31)) & 1) === 1

/**
 * Compiles a pattern of the SQL operator LIKE: `%` (or `*`, as in PostgREST) matches any text, and `_` matches one
 * character. Returns a function that tests whether a text matches the pattern. For each character of the text, this
 * function takes one step for every 32 characters of the pattern.
 */
export function compileLike(pattern: string): (text: string) => boolean {
  const characters: string[] = []
  const anyText: number[] = []
  for (const mark of pattern)
    if (mark === '%' || mark === '*') anyText.push(characters.length)
    else characters.push(mark)
  const { length } = characters
  const placesOf = (...wanted: string[]) => characters.flatMap((one, i) => (wanted.includes(one) ? [i] : []))
  const stays = bitsOf(anyText, length)
  const others = bitsOf(placesOf('_'), length)
  const moves = new Map([...new Set(characters)].map((one) => [one, bitsOf(placesOf('_', one), length)]))
  return (text) => {
    const reached = bitsOf([0], length)
    for (const character of text) advance(reached, moves.get(character) ?? others, stays)
    return has(reached, length)
  }
}

/**
 * Processes the next character of a text. `reached` is the set of all `n` for which the first `n` characters of the
 * pattern match the text before this character. The function updates `reached`. `moves` is the set of the places in the
 * pattern that match the character. `stays` is the set of the places in the pattern that match any text.
 */
function advance(reached: Bits, moves: Bits, stays: Bits): void {
  let carry = 0
  for (let i = 0; i < reached.length; i++) {
    const before = reached[i] as number
    const moved = before & (moves[i] as number)
    reached[i] = (moved << 1) | carry | (before & (stays[i] as number))
    carry = moved >>> 31
  }
}
