import { ApolloServer } from '@apollo/server'
import { ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled'
import { fastifyApolloDrainPlugin, fastifyApolloHandler } from '@as-integrations/fastify'
import Fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyRequest, LogController } from 'fastify'
import { GraphQLError } from 'graphql'
import { DomainError } from '../shared/domain-error.ts'
import { presentError } from './error-format.ts'
import type { Platform } from './platform.ts'
import { RequestContext } from './request-context.ts'
import { createSchema } from './schema.ts'

const MAX_BODY_BYTES = 4 * 1024 * 1024

export interface HttpServerOptions {
  /** Whether X-Forwarded-For names the caller. */
  trustProxy?: boolean
}

export async function createHttpServer(
  platform: Platform,
  { trustProxy = false }: HttpServerOptions = {},
): Promise<FastifyInstance> {
  const fastify = Fastify({
    bodyLimit: MAX_BODY_BYTES,
    trustProxy,
    loggerInstance: platform.log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
  })
  const apollo = new ApolloServer<RequestContext>({
    schema: createSchema(),
    csrfPrevention: true,
    allowBatchedHttpRequests: false,
    hideSchemaDetailsFromClientErrors: true,
    includeStacktraceInErrorResponses: false,
    formatError: (_formatted, error) => presentError(error, platform.log),
    plugins: [ApolloServerPluginLandingPageDisabled(), fastifyApolloDrainPlugin(fastify as never)],
  })
  await apollo.start()
  fastify.route({
    method: ['GET', 'POST'],
    url: '/graphql',
    handler: fastifyApolloHandler(apollo, { context: (request) => contextOf(platform, request) }) as never,
  })
  fastify.get('/health', async () => ({ status: 'ok' }))
  return fastify
}

async function contextOf(platform: Platform, request: FastifyRequest): Promise<RequestContext> {
  try {
    return new RequestContext(
      platform,
      await platform.authenticator.authenticate(bearer(request.headers.authorization)),
    )
  } catch (error) {
    if (!(error instanceof DomainError)) throw error
    throw new GraphQLError(error.message, {
      originalError: error,
      extensions: { code: error.code, http: { status: 401 } },
    })
  }
}

function bearer(header: string | undefined): string | null {
  return /^Bearer +(\S+)$/i.exec(header ?? '')?.[1] ?? null
}
