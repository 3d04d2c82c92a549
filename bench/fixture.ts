// Generates fixture files with any number of pipelines and elements.
import { appendFileSync, existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '../test/support/processes.js'
import { idOf } from './pipelines.js'

const FOLDER = temporaryFolder()
const NAMES = ['known parameters', 'volume fraction', 'fit diffusivity', 'fit exchange current', 'validate']

/** The status of an element's job, by the status of the element. */
const JOBS = { completed: 'completed', running: 'processing', pending: null }

const statusOf = (i: number, elements: number): keyof typeof JOBS =>
  elements > 1 && i === 0 ? 'completed' : i === Math.min(1, elements - 1) ? 'running' : 'pending'

/**
 * Returns a running pipeline. Its first element is completed, the second is running, and the others are pending. If
 * it has only one element, that element is running.
 */
const brief = (n: number, elements: number) => ({
  id: idOf(n),
  name: `LG M50 diffusivity fit ${n}`,
  status: 'running',
  elements: Array.from({ length: elements }, (_, i) => ({
    name: `${NAMES[i % NAMES.length] as string} ${i + 1}`,
    status: statusOf(i, elements),
  })),
})

const TIMES = { created_at: '2026-09-14T08:15:30.123456Z', updated_at: '2026-09-14T08:21:04.508112Z' }
const NO_ERROR = { error: null, error_code: null }
const OWNER = { organization_id: 'c2b7e4d8-0a3f-4f61-8d59-7e1c6b3a9f20' }

/** Returns the same pipeline as `brief`, but with every key that a fixture can set, except `mock`. */
function full(n: number, count: number) {
  const { elements, ...pipeline } = brief(n, count)
  return {
    ...pipeline,
    project_id: '6f1d3b1e-52a4-4c8e-9b0d-2e7f5a9c4d10',
    user_id: '93a5c7e1-4b2d-4e8f-a6c0-1d9f8b7e5a30',
    description: 'Both diffusivities of the Chen2020 set',
    options: { live_progress_updates: null },
    ...{ ...TIMES, ...NO_ERROR, created_by_email: 'ana@example.com', ...OWNER },
    elements: elements.map((element, i) => ({
      ...{ id: `${pipeline.id}-${i + 1}`, ...element, element_order: i + 1, element_type: 'Direct Entry' },
      ...{ job_config: {}, ...TIMES, ...OWNER },
      ...{ job_id: JOBS[element.status] && `job-${pipeline.id}-${i + 1}`, job_status: JOBS[element.status] },
      ...{ result: null, ...NO_ERROR, error_detail: null },
    })),
  }
}

/**
 * Returns the path of a fixture file. Writes the file if it does not exist. With `isFull`, the pipelines have every
 * key except `mock`. Otherwise they have only the few keys that a typical test sets.
 */
export function fixtureFile(pipelines: number, elements: number, isFull = false): string {
  const path = join(FOLDER, `fixture-${pipelines}x${elements}${isFull ? '-full' : ''}.json`)
  if (existsSync(path)) return path
  const CHUNK = 1000
  const pipelineOf = isFull ? full : brief
  writeFileSync(path, '{"pipelines":[\n')
  for (let from = 0; from < pipelines; from += CHUNK) {
    const length = Math.min(CHUNK, pipelines - from)
    const chunk = Array.from({ length }, (_, i) => JSON.stringify(pipelineOf(from + i, elements)))
    appendFileSync(path, (from === 0 ? '' : ',\n') + chunk.join(',\n'))
  }
  appendFileSync(path, '\n]}\n')
  return path
}
