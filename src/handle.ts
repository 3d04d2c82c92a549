import type { InjectOptions, Response } from 'light-my-request'
import type { MockControl } from './control/handle.js'
import type { Seeded } from './control/shapes.js'

/** A running mock, and its default sandbox. */
export interface Mock extends MockControl, AsyncDisposable {
  /** Without a trailing slash. With `listen: false`, one that nothing answers. */
  readonly url: string
  readonly port: number
  /** What it was started with. */
  readonly seeded: Seeded
  /** Makes a request without a connection. */
  inject(request: InjectOptions | string): Promise<Response>
  /** Stops accepting, and resolves when the answers in flight have been sent, or cut after `grace`. */
  close(): Promise<void>
}
