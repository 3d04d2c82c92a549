export * from './operations.js'
export * from './pipeline.js'
export * from './pipeline-requests.js'
export * from './validation-error.js'
