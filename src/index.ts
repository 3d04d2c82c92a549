export * from './client.js'
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
export type { Mock } from './handle.js'
export type { MockOptions } from './library-options.js'
export { startMock } from './mock.js'
export { OptionsError } from './options.js'
