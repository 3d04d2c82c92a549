import { type OperationName, PROJECT_FIELDS } from '../../contract/index.js'
import { apiKeysOf } from '../../http/api-key.js'
import { newUser } from '../../projects/records.js'
import type { Call, Run } from './index.js'
import { listingOf } from './listing.js'

type ProjectOperation = Extract<OperationName, 'get_current_user' | 'list_projects' | 'get_project'>

function listProjects({ sandbox, query }: Call<'list_projects'>): string {
  const { passes, compare } = listingOf(PROJECT_FIELDS, query)
  const matching = sandbox.data.projects.filter(passes).sort(compare)
  return JSON.stringify(matching.slice(query.offset, query.limit ? query.offset + query.limit : undefined))
}

export const PROJECT_OPERATIONS: { readonly [N in ProjectOperation]: Run<N> } = {
  get_current_user({ sandbox, headers }) {
    const keys = apiKeysOf(headers)
    const { users } = sandbox.data.seed
    const user = users.find(({ mock }) => mock?.api_key !== undefined && keys.includes(mock.api_key)) ?? users[0]
    return JSON.stringify(newUser(user))
  },
  list_projects: listProjects,
  get_project({ sandbox, params }) {
    const project = sandbox.data.project(params.project_id)
    return project && JSON.stringify(project)
  },
}
