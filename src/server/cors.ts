import cors from '@fastify/cors'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { bearerToken } from './bearer-token.ts'
import { allowsOrigin } from './client-key-gate.ts'
import type { Platform } from './platform.ts'

/** A browser asks again after so many seconds whether it may send. */
const PREFLIGHT_MAX_AGE_S = 3_600

/**
 * Pages of any origin may send keys, which are no cookies: nothing is sent on behalf of somebody who does not know it.
 * What a CLIENT key is answered can be read only by pages from the origins that it names.
 */
export async function allowPages(fastify: FastifyInstance, { authenticator }: Platform): Promise<void> {
  await fastify.register(cors, {
    delegator: async (request: FastifyRequest) => {
      const { origin } = request.headers
      if (origin === undefined) return { origin: false }
      const viewer = await authenticator.authenticate(bearerToken(request.headers.authorization)).catch(() => null)
      return {
        origin: viewer === null || allowsOrigin(viewer, origin),
        methods: ['GET', 'POST'],
        exposedHeaders: ['retry-after'],
        maxAge: PREFLIGHT_MAX_AGE_S,
      }
    },
  })
}
