import { type Static, Type } from '@sinclair/typebox'
import { Model, Nullable, OpenObject, Parameters, Reference, StringEnum } from './schema.js'

const OpenObjects = Type.Array(OpenObject({ additionalProperties: true }))

/** A project, in which pipelines are created (documented). The order of the keys is assumed. */
export const Project = Model('Project', {
  id: Type.String(),
  name: Type.String(),
  description: Type.Optional(Nullable(Type.String())),
  organization_id: Type.String(),
  created_at: Type.String({ format: 'date-time' }),
  updated_at: Type.String({ format: 'date-time' }),
  cell_spec_project_mappings: Type.Optional(Nullable(OpenObjects)),
  user_project_roles: Type.Optional(Nullable(OpenObjects)),
})
/** A project as the service writes it, with every published field. */
export type Project = Required<Static<typeof Project>>

/** The fields by which a list of projects can be filtered and sorted. */
export const PROJECT_FIELDS = ['id', 'name', 'description', 'created_at', 'updated_at'] as const

const Filter = Type.Optional(Nullable(Type.String()))

/**
 * Query parameters for a list of projects (seen in the official client, which sends `limit` and `offset` only if the
 * caller sets them). The defaults and limits are assumed, by analogy with the list of pipelines.
 */
export const ProjectQuery = Parameters({
  limit: Type.Optional(Nullable(Type.Integer({ minimum: 1, maximum: 100 }))),
  offset: Type.Integer({ default: 0, minimum: 0 }),
  name: Filter,
  created_at_gt: Filter,
  created_at_lt: Filter,
  updated_at_gt: Filter,
  updated_at_lt: Filter,
  order_by: StringEnum(PROJECT_FIELDS, { default: 'created_at' }),
  order: StringEnum(['asc', 'desc'], { default: 'desc' }),
})
export type ProjectQuery = Static<typeof ProjectQuery>

export const Organization = Model('Organization', { id: Type.String(), name: Type.String() })

/** The user to whom an API key belongs (seen in the official client). The service may send more keys. */
export const UserProfile = Model('UserProfile', {
  id: Type.String(),
  email: Type.String(),
  authorized_organization: Type.Optional(Nullable(Reference(Organization))),
  organizations: Type.Array(Reference(Organization)),
})
export type UserProfile = Required<Static<typeof UserProfile>>
