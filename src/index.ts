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
export type { MockOptions } from './options/library.js'
export { type Mock, startMock } from './mock.js'
export { type OptionIssue, OptionsError } from './options/error.js'
