// Fixtures of any size.
import { closeSync, existsSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { idOf } from './paths.js'
import { TMP } from './processes.js'

const NAMES = ['known parameters', 'volume fraction', 'fit diffusivity', 'fit exchange current', 'validate']

/** A pipeline that runs, of which one element has ended, one runs and the others wait. */
const pipelineOf = (n, elements) => ({
  id: idOf(n),
  name: `LG M50 diffusivity fit ${n}`,
  status: 'running',
  elements: Array.from({ length: elements }, (_, i) => ({
    name: `${NAMES[i % NAMES.length]} ${i + 1}`,
    status: elements > 1 && i === 0 ? 'completed' : i === Math.min(1, elements - 1) ? 'running' : 'pending',
  })),
})

const TIMES = { created_at: '2026-09-14T08:15:30.123456Z', updated_at: '2026-09-14T08:21:04.508112Z' }
const NO_ERROR = { error: null, error_code: null }
const OWNER = { organization_id: 'c2b7e4d8-0a3f-4f61-8d59-7e1c6b3a9f20' }
const JOBS = { completed: 'completed', running: 'processing', pending: null }

/** The same with every key that is published. */
function writtenOut(n, count) {
  const { elements, ...pipeline } = pipelineOf(n, count)
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

/** Writes a fixture file and returns its path. In a short one only what a test would care about is written. */
export function fixtureFile(pipelines, elements, { short = true } = {}) {
  const path = join(TMP, `fixture-${pipelines}x${elements}${short ? '' : '-full'}.json`)
  if (existsSync(path)) return path
  const file = openSync(path, 'w')
  const write = short ? pipelineOf : writtenOut
  writeSync(file, '{"pipelines":[\n')
  const PART = 1000
  for (let from = 0; from < pipelines; from += PART) {
    const part = Array.from({ length: Math.min(PART, pipelines - from) }, (_, i) => write(from + i, elements))
    const text = part.map((pipeline) => JSON.stringify(pipeline)).join(',\n')
    writeSync(file, `${from === 0 ? '' : ',\n'}${text}`)
  }
  writeSync(file, '\n]}\n')
  closeSync(file)
  return path
}
