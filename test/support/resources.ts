// Memory, processor time and open files of processes. A figure is undefined if the system does not report it.
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** The memory that this process uses after all garbage is collected, in bytes; it has to run with --expose-gc. */
export async function usedMemory(): Promise<{ heapUsed: number; rss: number }> {
  for (let i = 0; i < 3; i++) {
    globalThis.gc?.()
    // Memory that a finalizer releases is collected by the next run.
    await sleep(20)
  }
  const { heapUsed, rss } = process.memoryUsage()
  return { heapUsed, rss }
}

/** The resident memory of a process in MB. */
export function rssOf(pid: number): number | undefined {
  const status = readProcess(pid, 'status')
  const kilobytes = status === undefined ? undefined : /^VmRSS:\s+(\d+)/m.exec(status)?.[1]
  return kilobytes === undefined ? undefined : Number(kilobytes) / 1024
}

let ticks: number | undefined

/** The processor time that a process has used so far, in µs. */
export function cpuOf(pid: number): number | undefined {
  const stat = readProcess(pid, 'stat')
  if (stat === undefined) return undefined
  ticks ??= Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' })) || 100
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return ((Number(fields[11]) + Number(fields[12])) / ticks) * 1e6
}

function readProcess(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return undefined
  }
}

/** How many files and sockets a process has open. */
export const openFilesOf = (pid: number): number | undefined =>
  existsSync(`/proc/${pid}/fd`) ? readdirSync(`/proc/${pid}/fd`).length : undefined

/** How many files this process may have open. */
export function fileLimit(): number {
  const { userLimits } = process.report.getReport() as { userLimits?: { open_files?: { soft?: number | string } } }
  return Number(userLimits?.open_files?.soft) || Infinity
}
