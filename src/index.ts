export type {
  ElementStatus,
  ElementType,
  HTTPValidationError,
  JobErrorCode,
  Pipeline,
  PipelineElement,
  PipelineOptions,
  PipelineStatus,
  ValidationError,
} from './contract/index.js'
export type { Mock, Seeded } from './handle.js'
export type { MockOptions } from './library-options.js'
export { startMock } from './mock.js'
export { OptionsError } from './options.js'
export { type Fault, FixtureError } from './seed/fault.js'
export type { Fixture } from './seed/fixture.js'
export type { FixtureSource } from './seed/load.js'
