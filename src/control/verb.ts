import type { Static, TSchema } from '@sinclair/typebox'
import type { ControlErrorCode } from '../contract/codes.js'
import type { Seeded } from '../contract/control.js'
import type { Endpoint } from '../contract/index.js'
import type { Document } from '../diagnostics/source.js'
import { type FixtureSource, openFixtures } from '../fixtures/load.js'
import type { Memory } from '../state/memory.js'
import type { Sandbox } from '../state/sandbox.js'
import type { Sandboxes } from '../state/sandboxes.js'

/** The parts of the mock that verbs use. */
export interface ControlContext {
  readonly sandboxes: Sandboxes
  readonly memory: Memory
  /** Version of ionworks-mock. */
  readonly version: string
  /** Aborts when the client of a call over HTTP disconnects. Absent in process. */
  readonly disconnected?: AbortSignal
}

/** Schemas of the parts of a call over HTTP. */
export interface VerbShape {
  readonly params?: TSchema
  readonly query?: TSchema
  readonly body?: TSchema
  /** If absent, the response has status 204 and no body. */
  readonly response?: TSchema
  /** The errors of this verb, in addition to the errors that every verb has. */
  readonly errors?: readonly ControlErrorCode[]
}

type Part<S, K extends string> = S extends Record<K, infer T extends TSchema> ? Record<K, Static<T>> : object

/** The input of a verb, with a key for each part that its shape declares. */
export type VerbInput<S> = Part<S, 'params'> & Part<S, 'query'> & Part<S, 'body'>
export type VerbOutput<S> = S extends { response: infer T extends TSchema } ? Static<T> : undefined

/**
 * The argument of the function `run` of a verb. `documents` contains the body, or the fixtures, as documents, so that
 * issues can have positions.
 */
export type VerbCall<S> = ControlContext &
  VerbInput<S> & {
    /** The sandbox that the verb acts on. */
    readonly sandbox: Sandbox
    readonly documents: readonly Document[]
  }

/** A call of the control API: its endpoint, the schemas of its parts, and the function that runs it. */
export interface Verb<S extends VerbShape> {
  /** The method and the path below `/_mock`. */
  readonly endpoint: Endpoint
  readonly summary: string
  readonly shape: S
  /** Whether a call creates its sandbox if the sandbox does not exist. Default: false for GET, otherwise true. */
  readonly createsSandbox: boolean
  run(call: VerbCall<S>): VerbOutput<S> | Promise<VerbOutput<S>>
}

/** A verb of any shape. */
export interface AnyVerb extends Omit<Verb<VerbShape>, 'run'> {
  run(call: VerbCall<VerbShape>): unknown
}

export const verb = <const S extends VerbShape>(
  endpoint: Endpoint,
  summary: string,
  shape: S,
  run: Verb<S>['run'],
  createsSandbox = !endpoint.startsWith('GET'),
): Verb<S> => ({ endpoint, summary, shape, run, createsSandbox })

/** Returns the sandbox that a verb acts on. */
export const sandboxFor = ({ createsSandbox }: AnyVerb, { sandboxes }: ControlContext, name: string): Sandbox =>
  createsSandbox ? sandboxes.get(name) : sandboxes.peek(name)

/** Sends the calls of a handle to the mock, in process or over HTTP. */
export interface Transport {
  readonly call: <S extends VerbShape>(verb: Verb<S>, input: VerbInput<S>) => Promise<VerbOutput<S>>
  /** Calls a verb that takes fixtures. Each fixture is a document, so that issues have a file and a position. */
  readonly load: (verb: AnyVerb, documents: readonly Document[], query: object) => Promise<Seeded>
}

/** Converts the values of a query to strings. */
export const queryStrings = (query: object): Record<string, string> =>
  Object.fromEntries(Object.entries(query).map(([key, value]) => [key, String(value)]))

/** A method of a handle, before it is bound to a transport. */
export type Method<A extends readonly unknown[], V> = (transport: Transport, ...args: A) => Promise<V>

/**
 * Makes a method that calls a verb. `input` converts the arguments of the method to the input of the verb. `value`
 * converts the output of the verb to the result of the method.
 */
export const method =
  <S extends VerbShape, A extends readonly unknown[], V = VerbOutput<S>>(
    verb: Verb<S>,
    input: (...args: A) => VerbInput<S>,
    value: (output: VerbOutput<S>) => V = (output) => output as V,
  ): Method<A, V> =>
  async ({ call }, ...args) =>
    value(await call(verb, input(...args)))

/** Makes a method that reads fixtures, and calls a verb with these fixtures and a query. */
export const loader =
  <Q extends object = object>(
    verb: AnyVerb,
  ): Method<[fixtures: FixtureSource | readonly FixtureSource[], query?: Q], Seeded> =>
  async ({ load }, fixtures, query = {} as Q) =>
    load(verb, await openFixtures([fixtures].flat()), query)

type Bound<M> = { [K in keyof M]: M[K] extends Method<infer A, infer V> ? (...args: A) => Promise<V> : never }

export const bind = <M extends Readonly<Record<string, (transport: Transport, ...args: never) => unknown>>>(
  methods: M,
  transport: Transport,
): Bound<M> =>
  Object.fromEntries(
    Object.entries(methods).map(([name, method]) => [name, (...args: never) => method(transport, ...args)]),
  ) as Bound<M>
