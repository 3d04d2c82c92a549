export { type ConnectOptions, connect } from './control/client.js'
export { ExpectationError } from './control/expectation.js'
export type { MockClock, MockControl, MockFaults, MockPipelines, MockRequests, MockSandbox } from './control/handle.js'
export { ControlError } from './control/problem.js'
export type {
  FaultPlan,
  FaultState,
  PipelineChange,
  PipelineFilter,
  ReceivedRequest,
  RequestFilter,
  SandboxState,
  Seeded,
} from './control/shapes.js'
export { type Fault, FixtureError } from './diagnostics/issue.js'
export type { Fixture } from './fixtures/schema.js'
export type { FixtureSource } from './fixtures/load.js'
