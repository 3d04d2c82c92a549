import { Type } from '@sinclair/typebox'
import { type Api, operation } from '../operation.js'

/** `GET /healthz` (seen: the official client calls it; what it answers is assumed). */
export function healthz(app: Api) {
  app.route({
    ...operation(
      {
        name: 'healthz',
        method: 'GET',
        url: '/healthz',
        summary: 'Health check',
        tags: ['Health'],
        answer: Type.Object({ status: Type.String({ title: 'Status' }) }),
      },
      {},
    ),
    handler: (_request, reply) => reply.send({ status: 'ok' }),
  })
}
