/** The operations of the mocked API, by the names in their operationIds. */
export const OPERATIONS = [
  'list_pipelines',
  'create_pipeline',
  'get_pipeline_element',
  'get_pipeline',
  'update_pipeline',
  'delete_pipeline',
  'get_pipeline_elements',
  'cancel_pipeline',
  'get_pipeline_result',
  'healthz',
] as const
export type OperationName = (typeof OPERATIONS)[number]
