import { ApolloServer, HeaderMap } from '@apollo/server'
import { ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled'
import { InMemoryLRUCache } from '@apollo/utils.keyvaluecache'
import { fastifyApolloDrainPlugin, fastifyApolloHandler } from '@as-integrations/fastify'
import Fastify, {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify'
import { type DocumentNode, GraphQLError } from 'graphql'
import { DomainError } from '../shared/domain-error.ts'
import type { ErrorCode } from '../shared/error-code.ts'
import { documentPolicy, legacyStatus } from './apollo-plugins.ts'
import { assertShallow } from './assert-shallow.ts'
import { bearerToken } from './bearer-token.ts'
import { RateLimitedError } from './client-key-gate.ts'
import { allowPages } from './cors.ts'
import { discardBody } from './discard-body.ts'
import { DOCUMENT_LIMITS } from './document-policy.ts'
import { drainConnections } from './drain-connections.ts'
import { presentError } from './error-format.ts'
import { serveEventStreams } from './event-stream-transport.ts'
import { InFlight } from './in-flight.ts'
import type { Platform } from './platform.ts'
import type { OperationRequest } from './prepare-operation.ts'
import { refusalStatus } from './refusal-status.ts'
import { RequestContext } from './request-context.ts'
import { createSchema } from './schema.ts'
import { serveWebSockets } from './websocket-transport.ts'

const MAX_BODY_BYTES = 8 * 1024 * 1024
/** A request that has not come in whole after so long is given up, in milliseconds. */
const MOST_REQUEST_MS = 120_000
/** Text of the documents that are kept parsed, in characters. */
const DOCUMENT_CACHE_BYTES = 200_000
export const GRAPHQL_PATH = '/graphql'
const EVENT_STREAM_PATH = '/graphql/stream'

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
    requestTimeout: MOST_REQUEST_MS,
    return503OnClosing: false,
    trustProxy,
    loggerInstance: platform.log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
  })
  await allowPages(fastify, platform)
  const schema = createSchema()
  const apollo = new ApolloServer<RequestContext>({
    schema,
    // Who may read the schema is a matter of permissions, which the policy looks at.
    introspection: true,
    parseOptions: { maxTokens: DOCUMENT_LIMITS.tokens },
    validationOptions: { maxErrors: DOCUMENT_LIMITS.errors },
    logger: platform.log,
    // Parsed documents are many times their text; a flood of different ones must not push the memory up.
    documentStore: new InMemoryLRUCache<DocumentNode>({
      maxSize: DOCUMENT_CACHE_BYTES,
      sizeCalculation: (document) => document.loc?.end ?? DOCUMENT_CACHE_BYTES,
      maxEntrySize: DOCUMENT_CACHE_BYTES / 20,
    }),
    csrfPrevention: true,
    allowBatchedHttpRequests: false,
    hideSchemaDetailsFromClientErrors: true,
    includeStacktraceInErrorResponses: false,
    formatError: (_formatted, error) => presentError(error, platform.log),
    plugins: [
      documentPolicy,
      legacyStatus,
      ApolloServerPluginLandingPageDisabled(),
      fastifyApolloDrainPlugin(fastify as never),
    ],
  })
  await apollo.start()
  const inFlight = new InFlight()
  let isStopping = false
  fastify.addHook('onRequest', async (_request, reply) => {
    if (!isStopping) return
    const headers = { connection: 'close', 'retry-after': '1' }
    const error = failure('SERVER_STOPPING', 'The server is shutting down; send the request again.')
    return reply
      .status(503)
      .headers(headers)
      .send({ errors: [error] })
  })
  // A refusal may be ready before the body has come.
  fastify.addHook('onSend', ({ raw }, reply, payload, done) => {
    if (raw.complete) return done(null, payload)
    void discardBody(raw).then((hasEnded) => {
      if (!hasEnded) reply.header('connection', 'close')
      done(null, payload)
    })
  })
  const answer = fastifyApolloHandler(apollo, { context: (request) => contextOf(platform, request) }) as (
    request: FastifyRequest,
    reply: FastifyReply,
  ) => Promise<unknown>
  fastify.route({
    method: ['GET', 'POST'],
    url: GRAPHQL_PATH,
    handler: (request, reply) => inFlight.run(() => answer(request, reply)),
  })
  fastify.get('/health', async () => ({ status: 'ok' }))
  const closeSockets = serveWebSockets(fastify, GRAPHQL_PATH, schema, platform, { trustProxy })
  const closeStreams = serveEventStreams(fastify, EVENT_STREAM_PATH, schema, platform)
  const drain = drainConnections(fastify.server)
  fastify.addHook('preClose', async () => {
    isStopping = true
    closeStreams()
    await closeSockets()
    drain()
  })
  // What was taken in is finished, also for callers that have gone.
  fastify.addHook('onClose', () => inFlight.idle())
  fastify.setNotFoundHandler(({ method, url }, reply) => {
    if (url.split('?')[0] === GRAPHQL_PATH) {
      const error = failure('BAD_REQUEST', `The method is ${method}; this address takes GET and POST.`)
      return reply
        .status(405)
        .header('allow', 'GET, POST')
        .send({ errors: [error] })
    }
    return reply.status(404).send({ errors: [failure('NOT_FOUND', `Nothing is served at ${method} ${url}.`)] })
  })
  fastify.setErrorHandler((error: FastifyError, _request, reply) => {
    const status = error.statusCode ?? 500
    const told = status < 500 ? failure('BAD_USER_INPUT', error.message) : presentError(error, platform.log)
    return reply.status(status).send({ errors: [told] })
  })
  return fastify
}

/** @throws GraphQLError with the HTTP status that it is answered with */
async function contextOf(platform: Platform, request: FastifyRequest): Promise<RequestContext> {
  try {
    const viewer = await platform.authenticator.authenticate(bearerToken(request.headers.authorization))
    platform.clientKeys.assertOrigin(viewer, request.headers.origin)
    await platform.clientKeys.count(viewer, request.ip)
    const { query, variables } = ((request.method === 'GET' ? request.query : request.body) ?? {}) as OperationRequest
    assertShallow(query, variables)
    return new RequestContext(platform, viewer)
  } catch (error) {
    if (!(error instanceof DomainError)) throw error
    const retryAfter =
      error instanceof RateLimitedError ? [['retry-after', String(error.retryAfterSeconds)] as const] : []
    throw new GraphQLError(error.message, {
      originalError: error,
      extensions: { code: error.code, http: { status: refusalStatus(error.code), headers: new HeaderMap(retryAfter) } },
    })
  }
}

function failure(code: ErrorCode, message: string) {
  return { message, extensions: { code } }
}
