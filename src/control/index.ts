import type { FastifyInstance } from 'fastify'

/** Our own API under `/_mock`. Its answers about health come always: no option and no state of the mock changes them. */
export async function control(app: FastifyInstance) {
  app.route({ method: ['GET', 'HEAD'], url: '/health', handler: (_request, reply) => reply.send({ status: 'ok' }) })
  app.route({ method: ['GET', 'HEAD'], url: '/ready', handler: (_request, reply) => reply.send({ status: 'ready' }) })

  app.setNotFoundHandler((request, reply) =>
    reply
      .code(404)
      .header('content-type', 'application/problem+json')
      .serializer(JSON.stringify)
      .send({
        title: 'Not Found',
        status: 404,
        detail: `There is no ${request.method} ${request.originalUrl} here: GET /_mock/health and GET /_mock/ready are`,
      }),
  )
}
