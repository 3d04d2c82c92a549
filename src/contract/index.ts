export * from './pipeline.js'
export * from './pipeline-element.js'
export * from './validation-error.js'
