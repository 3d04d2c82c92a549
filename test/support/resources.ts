// Functions that return the memory, the processor time and the open files of processes. Functions that read /proc
// return undefined if the system has no /proc, or if the process has ended.
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** Returns the memory of this process in bytes. If Node.js runs with --expose-gc, collects garbage first. */
export async function usedMemory(): Promise<{ heapUsed: number; rss: number }> {
  for (let i = 0; i < 3; i++) {
    globalThis.gc?.()
    // Finalizers run after a collection. They may release objects that the next collection frees.
    await sleep(20)
  }
  const { heapUsed, rss } = process.memoryUsage()
  return { heapUsed, rss }
}

/** Returns the resident memory of a process in MB. */
export function rssOf(pid: number): number | undefined {
  const status = readProcess(pid, 'status')
  const kilobytes = status === undefined ? undefined : /^VmRSS:\s+(\d+)/m.exec(status)?.[1]
  return kilobytes === undefined ? undefined : Number(kilobytes) / 1024
}

let ticks: number | undefined

/** Returns the processor time that a process has used so far, in µs. */
export function cpuOf(pid: number): number | undefined {
  const stat = readProcess(pid, 'stat')
  if (stat === undefined) return undefined
  ticks ??= Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' })) || 100
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return ((Number(fields[11]) + Number(fields[12])) / ticks) * 1e6
}

/**
 * Returns the processor time that the main thread of this process has used, in ms. Unlike the elapsed time, the
 * processor time does not include the time in which other programs run. On a system without /proc, returns the elapsed
 * time.
 */
export const threadTime = (): number => {
  const [ns] = readProcess(process.pid, 'schedstat')?.split(' ') ?? []
  return ns === undefined ? performance.now() : Number(ns) / 1e6
}

function readProcess(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return undefined
  }
}

/** Returns the number of files and sockets that a process has open. */
export const openFilesOf = (pid: number): number | undefined =>
  existsSync(`/proc/${pid}/fd`) ? readdirSync(`/proc/${pid}/fd`).length : undefined

/** Returns the maximum number of open files of this process, or Infinity if the number is unlimited or unknown. */
export function fileLimit(): number {
  const { userLimits } = process.report.getReport() as { userLimits?: { open_files?: { soft?: number | string } } }
  return Number(userLimits?.open_files?.soft) || Infinity
}
