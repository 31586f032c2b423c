import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type ExecutionResult, execute, GraphQLError, type GraphQLSchema, OperationTypeNode } from 'graphql'
import { DomainError } from '../shared/domain-error.ts'
import { bearerToken } from './bearer-token.ts'
import { RateLimitedError } from './client-key-gate.ts'
import { presentError } from './error-format.ts'
import type { Platform } from './platform.ts'
import { type OperationRequest, prepareOperation } from './prepare-operation.ts'
import { refusalStatus } from './refusal-status.ts'
import { RequestContext } from './request-context.ts'
import type { Session } from './sessions.ts'
import { subscribeFresh } from './subscribe-fresh.ts'

/** Proxies close connections on which nothing moves. */
const KEEP_ALIVE_MS = 12_000

/**
 * The distinct connections mode of the GraphQL over Server-Sent Events protocol, for clients behind proxies that know no
 * WebSockets: `event: next` for each result, `event: complete` at the end. The library of the protocol keeps a queue for
 * a reader that has stopped; here a stream pulls the next result only when the reader has taken the last one.
 * @returns how to close: every stream ends without `complete`, so that its client connects again
 */
export function serveEventStreams(
  fastify: FastifyInstance,
  path: string,
  schema: GraphQLSchema,
  platform: Platform,
): () => void {
  const streams = new Set<Readable>()

  async function answer(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    const operation = operationOf(request)
    if (operation instanceof DomainError) return refuse(reply, 400, operation)
    const session = await open(request).catch((error: unknown) => {
      if (error instanceof DomainError) return error
      throw error
    })
    if (session instanceof DomainError) return refuse(reply, refusalStatus(session.code), session)
    const results = await run(operation, session, request.method)
    const stream = Readable.from(messages(results), { objectMode: false, highWaterMark: 1 })
    streams.add(stream)
    stream.once('close', () => {
      streams.delete(stream)
      platform.sessions.close(session)
      // What waits for the next result ends now, not with it.
      void results.return(undefined)
    })
    return reply
      .headers({
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-cache, no-transform',
        'x-accel-buffering': 'no',
      })
      .send(stream)
  }

  /** @throws DomainError for a key that may not */
  async function open(request: FastifyRequest): Promise<Session> {
    const session = await platform.sessions.open(bearerToken(request.headers.authorization))
    try {
      platform.clientKeys.assertOrigin(session.viewer, request.headers.origin)
      await platform.clientKeys.count(session.viewer, request.ip)
      return session
    } catch (error) {
      platform.sessions.close(session)
      throw error
    }
  }

  async function* messages(results: AsyncGenerator<ExecutionResult>): AsyncGenerator<string> {
    try {
      yield ':\n\n'
      let next = results.next()
      for (;;) {
        const step = await Promise.race([next, afterKeepAlive()])
        if (step === 'KEEP_ALIVE') {
          yield ':\n\n'
          continue
        }
        if (step.done) break
        yield `event: next\ndata: ${JSON.stringify(presented(step.value))}\n\n`
        next = results.next()
      }
    } catch (error) {
      yield `event: next\ndata: ${JSON.stringify({ errors: [presentError(error, platform.log)] })}\n\n`
    }
    yield 'event: complete\ndata:\n\n'
  }

  async function run(
    request: OperationRequest,
    session: Session,
    method: string,
  ): Promise<AsyncGenerator<ExecutionResult>> {
    const prepared = prepareOperation(schema, request, session.viewer)
    if (Array.isArray(prepared)) return once({ errors: prepared })
    if (method === 'GET' && prepared.operation === OperationTypeNode.MUTATION) {
      const error = new DomainError('BAD_USER_INPUT', 'A mutation is sent by POST.')
      return once({ errors: [new GraphQLError(error.message, { originalError: error })] })
    }
    const freshContext = () => new RequestContext(platform, session.viewer, session.signal)
    if (prepared.operation !== OperationTypeNode.SUBSCRIPTION) {
      return once(await execute({ ...prepared, contextValue: freshContext() }))
    }
    const stream = await subscribeFresh(prepared, freshContext)
    return 'next' in stream ? stream : once(stream)
  }

  function presented(result: ExecutionResult): object {
    return result.errors
      ? { ...result, errors: result.errors.map((error) => presentError(error, platform.log)) }
      : result
  }

  function refuse(reply: FastifyReply, status: number, error: DomainError): FastifyReply {
    if (error instanceof RateLimitedError) reply.header('retry-after', error.retryAfterSeconds)
    return reply.status(status).send({ errors: [presentError(error, platform.log)] })
  }

  fastify.route({ method: ['GET', 'POST'], url: path, handler: answer })
  return () => {
    for (const stream of streams) stream.destroy()
  }
}

async function* once(result: ExecutionResult): AsyncGenerator<ExecutionResult> {
  yield result
}

function afterKeepAlive(): Promise<'KEEP_ALIVE'> {
  return new Promise((resolve) => setTimeout(resolve, KEEP_ALIVE_MS, 'KEEP_ALIVE').unref())
}

function operationOf({ method, body, query: search, headers }: FastifyRequest): OperationRequest | DomainError {
  if (!headers.accept?.includes('text/event-stream')) {
    return new DomainError(
      'BAD_USER_INPUT',
      'This address answers with event streams; send "Accept: text/event-stream".',
    )
  }
  const { query, operationName, variables } = ((method === 'GET' ? search : body) ?? {}) as Record<string, unknown>
  const given = method === 'GET' && typeof variables === 'string' ? parsed(variables) : variables
  if (typeof query !== 'string') return new DomainError('BAD_USER_INPUT', 'query must be the text of a document.')
  if (operationName != null && typeof operationName !== 'string') {
    return new DomainError('BAD_USER_INPUT', 'operationName must be text.')
  }
  if (given != null && (typeof given !== 'object' || Array.isArray(given))) {
    return new DomainError('BAD_USER_INPUT', 'variables must be an object.')
  }
  return { query, operationName, variables: given as Record<string, unknown> | null | undefined }
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return json
  }
}
