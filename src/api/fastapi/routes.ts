interface Route {
  readonly method: string
  readonly pattern: RegExp
}

/** The mocked operations in the order of their declaration, to tell a wrong method from a wrong path. */
export class Routes {
  readonly #routes: Route[] = []

  /** `url` is as Fastify has it: `/pipelines/:pipeline_id`. */
  add(method: string, url: string): void {
    this.#routes.push({ method, pattern: new RegExp(`^${url.replace(/:\w+/g, '[^/]+')}$`) })
  }

  /** The method of the first operation on a decoded path: what `allow` names, even where others follow (measured). */
  methodAt(path: string): string | undefined {
    return this.#routes.find(({ pattern }) => pattern.test(path))?.method
  }
}
