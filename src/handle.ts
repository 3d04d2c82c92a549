import type { InjectOptions, Response } from 'light-my-request'
import type { Pipeline, PipelineElement } from './contract/index.js'
import type { FixtureSource } from './seed/load.js'

/** What was seeded. */
export interface Seeded {
  readonly pipelines: number
  readonly elements: number
  /** From how many files, or objects. */
  readonly documents: number
  /** States that contradict themselves, each with its place; they are served as they are. */
  readonly warnings: readonly string[]
}

/** A running mock. Every verb returns a promise, so that a mock in another process can have the same interface. */
export interface Mock extends AsyncDisposable {
  /** Without a trailing slash. With `listen: false`, one that nothing answers. */
  readonly url: string
  readonly port: number
  /** What the program under test needs, under the official client's own names. */
  readonly env: {
    readonly IONWORKS_API_URL: string
    readonly IONWORKS_API_KEY: string
    /** The project of the first pipeline. */
    readonly IONWORKS_PROJECT_ID: string
  }
  readonly seeded: Seeded
  /** The state, past the wire: records are as published, and frozen. */
  readonly pipelines: {
    /** Rejects with a RangeError if there is no such pipeline. */
    get(id: string): Promise<Readonly<Pipeline>>
    /** All that match, in the order of the seed. */
    list(filter?: { project_id?: string; status?: string; name?: string }): Promise<readonly Readonly<Pipeline>[]>
    /** In their order of execution. Rejects with a RangeError if there is no such pipeline. */
    elements(id: string): Promise<readonly Readonly<PipelineElement>[]>
  }
  /** Replaces all pipelines, until the next reset. Rejects with a FixtureError that lists every fault; then nothing has changed. */
  seed(fixture: FixtureSource | readonly FixtureSource[]): Promise<Seeded>
  /** Back to the fixtures that the mock was started with: everything since then is forgotten. */
  reset(): Promise<void>
  /** Makes a request without a connection. */
  inject(request: InjectOptions | string): Promise<Response>
  /** Stops accepting, and resolves when the answers in flight have been sent, or cut after `grace`. */
  close(): Promise<void>
}
