import type { Writable } from 'node:stream'

/** Maximum size of the log lines that wait until standard error is read, in bytes. */
export const MAX_UNREAD_LOG_BYTES = 8 * 1024 * 1024

/**
 * Returns a stream that writes log lines to `stream`. The returned stream drops lines while too many lines wait in
 * `stream`. Then it writes a line with the number of dropped lines.
 */
export function limitUnread(stream: Pick<Writable, 'write' | 'writableLength'>): { write(line: string): void } {
  let dropped = 0
  return {
    write(line) {
      if (stream.writableLength > MAX_UNREAD_LOG_BYTES) {
        dropped++
        return
      }
      if (dropped > 0) {
        const msg = `dropped ${dropped} log lines, because standard error was not read`
        stream.write(`${JSON.stringify({ level: 40, time: Date.now(), msg })}\n`)
      }
      dropped = 0
      stream.write(line)
    },
  }
}
