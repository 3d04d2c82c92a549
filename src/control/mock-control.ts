import type { RequestFilter, ResetPart, Seeded } from '../contract/control.js'
import type { FixtureSource } from '../fixtures/load.js'
import type { Fixture } from '../fixtures/schema.js'
import type { MockClock, MockFaults, MockPipelines, MockPlans, MockRequests } from './mock-areas.js'
import type { SandboxState } from './verbs/sandboxes.js'

/**
 * The handle of a sandbox. A sandbox is an isolated copy of the fixtures, with its own clock, journal and faults. The
 * methods are the same in process (`startMock`) and from another process (`connect`).
 *
 * If an argument is invalid or names a record that does not exist, a method changes nothing and rejects with a
 * ControlError. The descriptions of some methods name another error. After `connect`, a method also rejects with a
 * ControlError if the mock cannot be reached or rejects the call.
 */
export interface MockSandbox {
  /** Base URL of the mocked API in this sandbox, without a trailing slash. */
  readonly url: string
  /**
   * Environment variables for the program under test, with the names that the official client reads.
   * @example
   * spawn('my-program', { env: { ...process.env, ...mock.env } })
   */
  readonly env: {
    /** The same as `url`. */
    readonly IONWORKS_API_URL: string
    /**
     * `mock_<name>`. This key selects the sandbox of a request, unless the path or the header `X-Mock-Sandbox` of the
     * request selects another sandbox.
     */
    readonly IONWORKS_API_KEY: string
    /**
     * Id of the project of the first pipeline in the fixtures that the mock was started with. If these fixtures contain
     * no pipeline, the id of a default project.
     */
    readonly IONWORKS_PROJECT_ID: string
  }
  readonly pipelines: MockPipelines
  readonly plans: MockPlans
  readonly clock: MockClock
  readonly requests: MockRequests
  readonly faults: MockFaults
  /**
   * Resets the given parts of the sandbox. Without arguments, resets every part and deletes all snapshots.
   *
   * - `data`: restores the pipelines, the plans and the progress that the mock was started with or that the last `seed`
   *   with the scope `all` loaded.
   * - `journal`: deletes the records of received requests.
   * - `faults`: removes the faults, and closes the connections of the requests that the faults keep waiting.
   * - `clock`: restores the initial clock, which the option `clock` of the mock or the key `mock.clock` of its fixtures
   *   defines.
   * @example
   * await mock.reset() // everything
   * await mock.reset('journal', 'faults')
   */
  reset(...only: ResetPart[]): Promise<void>
  /**
   * Replaces all pipelines and plans with those of fixtures, until `data` is reset. If a fixture has the key `mock`,
   * also sets the clock or the progress of the sandbox. The journal, the faults and the snapshots do not change. A
   * relative time in a fixture is a duration from the current time of the clock. Fixture files are read by the process
   * that calls `seed`, even after `connect`.
   * @param options With `scope: 'all'`, seeds every sandbox, and makes the fixtures the initial state of new and reset
   *   sandboxes. Default: `sandbox`.
   * @returns The counts of pipelines and elements, and warnings about states that the real service would not return.
   * @throws FixtureError with all issues of all fixtures.
   * @example
   * await mock.seed({ pipelines: [{ id: 'fit', name: 'fit', status: 'running' }] })
   * await mock.seed(['fixtures/lab.yaml', 'fixtures/failures.yaml'], { scope: 'all' })
   */
  seed(fixture: FixtureSource | readonly FixtureSource[], options?: { scope?: 'sandbox' | 'all' }): Promise<Seeded>
  /**
   * Exports all pipelines, the plans and the progress as a fixture. Seeding this fixture restores the pipelines, with
   * the same future changes.
   */
  state(): Promise<Fixture>
  /**
   * Saves all pipelines in a snapshot, and replaces an existing snapshot with the same name. A name has 1 to 64
   * letters, digits, dots, underscores and hyphens, and is neither `.` nor `..`. Rejects with code
   * `too_many_snapshots` if the sandbox has 100 other snapshots.
   * @example
   * await mock.snapshot('before')
   * await mock.restore('before')
   */
  snapshot(name: string): Promise<void>
  /**
   * Restores the pipelines of a snapshot. The clock, the journal and the faults do not change. Running elements have
   * the same remaining time as when the snapshot was saved. Rejects with code `snapshot_not_found` if the snapshot
   * does not exist.
   */
  restore(name: string): Promise<void>
  /**
   * Asserts that a pipeline is canceled, and that none of its elements is pending or running.
   * @throws ExpectationError with code `pipeline_not_canceled`. ControlError with code `pipeline_not_found`.
   */
  expectCanceled(pipeline_id: string): Promise<void>
  /**
   * Asserts that exactly `times` requests in the journal match the filter. Without `times`, asserts that at least one
   * request matches.
   * @throws ExpectationError with code `request_count_mismatch`. The message lists the last received requests.
   * @example
   * await mock.verify({ operation: 'cancel_pipeline', pipeline_id: 'fit', times: 1 })
   */
  verify(expected: RequestFilter & { times?: number }): Promise<void>
}

/**
 * The handle of a mock. The members that this interface inherits act on the default sandbox. After `connect` with the
 * URL of another sandbox, they act on that sandbox.
 */
export interface MockControl extends MockSandbox {
  /**
   * Returns the handle of a sandbox. The mock creates the sandbox at the first call or request that uses it. If there
   * are then more named sandboxes than the option `maxSandboxes` allows, the mock evicts the sandbox that has been
   * idle longest. Sandboxes with a request in flight are not evicted.
   * @param name 1 to 64 letters, digits, dots, underscores and hyphens, but neither `.` nor `..`. The default sandbox
   *   has the name `default`.
   * @throws ControlError with code `invalid_sandbox_name`.
   * @example
   * const sandbox = mock.sandbox('retry')
   * await fetch(`${sandbox.url}/pipelines/fit/cancel`, { method: 'POST' })
   * await sandbox.expectCanceled('fit')
   */
  sandbox(name: string): MockSandbox
  readonly sandboxes: {
    /** Lists the named sandboxes, longest idle first. The default sandbox is not listed. */
    list(): Promise<readonly SandboxState[]>
    /**
     * Drops a sandbox with all its state, closes the connections of the requests that its faults keep waiting, and ends
     * calls of `waitFor`. A later use of the name creates a new sandbox. Rejects with code `sandbox_not_found` if the
     * sandbox does not exist, and with code `default_sandbox` if the sandbox is the default sandbox.
     */
    drop(name: string): Promise<void>
  }
}
