import { type Static, Type } from '@sinclair/typebox'
import { Organization, Project, UserProfile } from '../contract/index.js'
import { Closed, Nullable, optional } from '../contract/schema.js'
import { DateTime, RecordId } from '../contract/values.js'
import { completerOf, field, type Fields, fixtureKeys } from '../pipelines/fields.js'
import { idsWithin } from '../pipelines/ids.js'
import { DEFAULTS } from '../pipelines/records.js'
import { type Instant, parseInstant } from '../time/instant.js'

const { properties: ofProject } = Project
const { properties: ofUser } = UserProfile

/** The given record, from which some defaults are derived. */
interface Context<G> {
  readonly given: G
}

const idOfProject = idsWithin('project')
const idOfUser = idsWithin('user')

/** Returns the given or the default id of a project that is not validated. */
export const projectIdOf = ({ id, name }: Unvalidated) => idOf(id, name, idOfProject)

/** Returns the given or the default id of a user that is not validated. */
export const userIdOf = ({ id, email }: Unvalidated) => idOf(id, email, idOfUser)

type Unvalidated = Readonly<Record<string, unknown>>

const idOf = (id: unknown, name: unknown, idOfName: (name: string) => string) =>
  typeof id === 'string' ? id : typeof name === 'string' ? idOfName(name) : undefined

/** Without the format, because a validator may not know it. The pattern of the schema says the same. */
const { format: _, ...Time } = DateTime

const time = <D>(what: string, defaultText: string, value: D) => ({
  ...field(Time as typeof DateTime, defaultText, value, what),
  read: (text: string) => parseInstant(text) as Instant,
})

/** How each field of a project is set: by a key in fixtures, or by a default. */
const PROJECT_RECORD = {
  id: field(
    ofProject.id,
    'derived from the name, the same in every run',
    (_: Project, { given }: Context<Pick<Project, 'name'>>) => idOfProject(given.name),
  ),
  name: { schema: ofProject.name },
  description: field(ofProject.description, 'null', null),
  organization_id: field(ofProject.organization_id, DEFAULTS.organization_id, DEFAULTS.organization_id),
  created_at: time('Time of creation', DEFAULTS.created_at, DEFAULTS.created_at),
  updated_at: time('Time of the last change', 'created_at', ({ created_at }: Project) => created_at),
  cell_spec_project_mappings: field(ofProject.cell_spec_project_mappings, 'null', null),
  user_project_roles: field(ofProject.user_project_roles, 'null', null),
} satisfies Fields<Project, Context<Pick<Project, 'name'>>>

export const FixtureProject = Closed(fixtureKeys(PROJECT_RECORD), { $id: 'FixtureProject', title: 'Project' })
export type FixtureProject = Static<typeof FixtureProject>

const completeProject = completerOf<Project, Context<Pick<Project, 'name'>>>(PROJECT_RECORD)

/** Returns a project with all its fields, in the order in which responses contain the fields. */
export const newProject = (given: FixtureProject): Project => completeProject(given, { given })

/** Returns the project of pipelines whose `project_id` is not the id of a project in a fixture. Its name is its id. */
export const impliedProject = (id: string): Project => newProject({ id, name: id })

const FixtureOrganization = Closed(Organization.properties, { $id: 'FixtureOrganization', title: 'Organization' })

const DEFAULT_ORGANIZATION = { id: DEFAULTS.organization_id, name: 'Battery lab' }

/** How each field of a user is set: by a key in fixtures, or by a default. */
const USER_RECORD = {
  id: field(
    RecordId,
    'derived from the email, the same in every run',
    (_: UserProfile, { given }: Context<Pick<UserProfile, 'email'>>) => idOfUser(given.email),
  ),
  email: { schema: ofUser.email },
  authorized_organization: field(
    Nullable(FixtureOrganization),
    `the organization ${DEFAULT_ORGANIZATION.id}`,
    DEFAULT_ORGANIZATION,
    'The organization of the API key',
  ),
  organizations: field(
    Type.Array(FixtureOrganization),
    'only authorized_organization',
    ({ authorized_organization: one }: UserProfile) => (one ? [one] : []),
    'All organizations of the user',
  ),
} satisfies Fields<UserProfile, Context<Pick<UserProfile, 'email'>>>

export const FixtureUser = Type.Object(
  {
    ...fixtureKeys(USER_RECORD),
    mock: optional(
      Closed(
        { api_key: Type.Optional(Type.String({ description: 'The API key of the user. Default: none.' })) },
        { $id: 'UserSettings', title: 'User settings' },
      ),
      'Responses do not contain this key.',
    ),
  },
  { $id: 'FixtureUser', title: 'User', description: 'A user. Responses contain all other keys unchanged.' },
)
export type FixtureUser = Static<typeof FixtureUser>

const completeUser = completerOf<UserProfile, Context<Pick<UserProfile, 'email'>>>(USER_RECORD)

/** Returns a user with all fields, in the order in which responses contain the fields, followed by all other keys. */
export const newUser = ({ mock: _, ...given }: FixtureUser): UserProfile => ({
  ...completeUser(given, { given }),
  ...Object.fromEntries(Object.entries(given).filter(([key]) => !Object.hasOwn(USER_RECORD, key))),
})

/** The user of a mock whose fixtures contain no users. */
export const DEFAULT_USER: FixtureUser = { id: DEFAULTS.user_id, email: DEFAULTS.created_by_email }
