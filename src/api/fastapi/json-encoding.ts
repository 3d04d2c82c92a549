import { isUtf8 } from 'node:buffer'

/** Decodes a text. Returns undefined if the text is invalid. May change `bytes`. */
type Decode = (bytes: Buffer) => string | undefined

export const decodeUtf8: Decode = (bytes) => (isUtf8(bytes) ? bytes.toString('utf8') : undefined)

const utf16: Decode = (bytes) => (bytes.length % 2 === 0 ? bytes.toString('utf16le') : undefined)
const utf16BigEndian: Decode = (bytes) => (bytes.length % 2 === 0 ? utf16(bytes.swap16()) : undefined)

const utf32: Decode = (bytes) => {
  if (bytes.length % 4 !== 0) return undefined
  // Overwrites the buffer with the same text in UTF-16, which is never longer.
  let end = 0
  for (let i = 0; i < bytes.length; i += 4) {
    const point = bytes.readUInt32LE(i)
    if (point > 0x10ffff) return undefined
    if (point >= 0x10000) end = bytes.writeUInt16LE(0xd800 + ((point - 0x10000) >> 10), end)
    end = bytes.writeUInt16LE(point < 0x10000 ? point : 0xdc00 + (point & 0x3ff), end)
  }
  return bytes.toString('utf16le', 0, end)
}
const utf32BigEndian: Decode = (bytes) => (bytes.length % 4 === 0 ? utf32(bytes.swap32()) : undefined)

/**
 * The encodings that Python's `json.loads` recognizes by the first four bytes of a text: by a byte order mark, or by
 * the zero bytes of an ASCII character (the algorithm of `json.detect_encoding`). `mark` is the length of the byte
 * order mark.
 */
const ENCODINGS: readonly { start: RegExp; mark: number; decode: Decode }[] = [
  { start: /^\xff\xfe\0\0/, mark: 4, decode: utf32 },
  { start: /^\0\0\xfe\xff/, mark: 4, decode: utf32BigEndian },
  { start: /^\xff\xfe/, mark: 2, decode: utf16 },
  { start: /^\xfe\xff/, mark: 2, decode: utf16BigEndian },
  { start: /^\xef\xbb\xbf/, mark: 3, decode: decodeUtf8 },
  { start: /^\0\0../s, mark: 0, decode: utf32BigEndian },
  { start: /^\0(..)?.$/s, mark: 0, decode: utf16BigEndian },
  { start: /^.\0\0\0/s, mark: 0, decode: utf32 },
  { start: /^.\0(..)?$/s, mark: 0, decode: utf16 },
]

/**
 * Decodes a JSON text as Python's `json.loads` does. Removes the byte order mark. Returns undefined if the text is
 * invalid in its encoding. Unlike Python, rejects surrogates that are encoded in UTF-8. May change `bytes`.
 */
export function decodeJson(bytes: Buffer): string | undefined {
  const first = bytes.toString('latin1', 0, 4)
  const { mark, decode } = ENCODINGS.find(({ start }) => start.test(first)) ?? { mark: 0, decode: decodeUtf8 }
  return decode(bytes.subarray(mark))
}
