import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import { type ExecutionResult, GraphQLError, type GraphQLSchema } from 'graphql'
import { CloseCode } from 'graphql-ws'
import { useServer as serveProtocol } from 'graphql-ws/use/ws'
import { WebSocketServer } from 'ws'
import { DomainError } from '../shared/domain-error.ts'
import { callerAddress } from './caller-address.ts'
import { presentError } from './error-format.ts'
import type { Platform } from './platform.ts'
import { prepareOperation } from './prepare-operation.ts'
import { RequestContext } from './request-context.ts'
import type { Session } from './sessions.ts'
import { subscribeFresh } from './subscribe-fresh.ts'

/** Operations that one socket may have open. */
const MOST_OPERATIONS = 100
const MOST_MESSAGE_BYTES = 1024 * 1024
/** Time that a client gets to send its key, in milliseconds. */
const INIT_WITHIN_MS = 5_000

type SocketExtra = Record<PropertyKey, unknown> & { session?: Session }

/**
 * graphql-transport-ws on the same address as HTTP. The key or token comes in `connection_init`, as
 * `{ "authorization": "Bearer …" }`; a bad document fails its own operation only, and whatever ends the key ends the socket.
 * @returns how to close: every socket with 1001, going away
 */
export function serveWebSockets(
  fastify: FastifyInstance,
  path: string,
  schema: GraphQLSchema,
  platform: Platform,
  { trustProxy }: { trustProxy: boolean },
): () => Promise<void> {
  const { sessions, clientKeys, log } = platform
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MOST_MESSAGE_BYTES })
  const present = (errors: readonly GraphQLError[]) => errors.map((error) => presentError(error, log))
  const server = serveProtocol<Record<string, unknown>, SocketExtra>(
    {
      connectionInitWaitTimeout: INIT_WITHIN_MS,
      onConnect: async ({ connectionParams, extra }) => {
        const { socket } = extra
        try {
          const session = await sessions.open(bearerOf(connectionParams))
          // From here on the end of the socket ends the session.
          extra.session = session
          clientKeys.assertOrigin(session.viewer, extra.request.headers.origin)
          // Subscriptions hear of it first, then the socket closes.
          session.signal.addEventListener('abort', () =>
            setImmediate(() => socket.close(CloseCode.Unauthorized, 'Key revoked')),
          )
          if (socket.readyState !== socket.OPEN) sessions.close(session)
          return true
        } catch (error) {
          if (!(error instanceof DomainError)) throw error
          if (error.code === 'ORIGIN_NOT_ALLOWED') socket.close(CloseCode.Forbidden, 'Origin not allowed')
          else socket.close(CloseCode.Unauthorized, 'Unauthorized')
          // The socket is closing; this keeps the acknowledgement from being sent.
          return new Promise<never>(() => undefined)
        }
      },
      onClose: ({ extra }) => {
        if (extra.session) sessions.close(extra.session)
      },
      onSubscribe: async (context, _id, payload) => {
        if (Object.keys(context.subscriptions).length > MOST_OPERATIONS) {
          return [
            failure(new DomainError('SUBSCRIPTION_LIMIT', `A socket takes ${MOST_OPERATIONS} operations at once.`)),
          ]
        }
        const session = context.extra.session!
        try {
          // A closing socket still hears what its client sends.
          const viewer = await sessions.confirm(session)
          await clientKeys.count(viewer, callerAddress(context.extra.request, trustProxy))
        } catch (error) {
          if (!(error instanceof DomainError)) throw error
          return [failure(error)]
        }
        const prepared = prepareOperation(schema, payload, session.viewer)
        if (Array.isArray(prepared)) return prepared
        return { ...prepared, contextValue: new RequestContext(platform, session.viewer, session.signal), session }
      },
      subscribe: (args) => {
        const { session, ...rest } = args as typeof args & { session: Session }
        return subscribeFresh(rest, () => new RequestContext(platform, session.viewer, session.signal))
      },
      onNext: (_context, _id, _payload, _args, result) => masked(result, present),
      onError: (_context, _id, _payload, errors) => present(errors as readonly GraphQLError[]),
    },
    sockets,
  )
  fastify.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (new URL(request.url ?? '/', 'http://localhost').pathname !== path) {
      socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n')
      return
    }
    sockets.handleUpgrade(request, socket, head, (client) => sockets.emit('connection', client, request))
  })
  return async () => {
    await server.dispose()
  }
}

export function masked(
  result: ExecutionResult,
  present: (errors: readonly GraphQLError[]) => object[],
): ExecutionResult | undefined {
  return result.errors && { ...result, errors: present(result.errors) as unknown as GraphQLError[] }
}

function failure(error: DomainError): GraphQLError {
  return new GraphQLError(error.message, { originalError: error })
}

function bearerOf(parameters: Record<string, unknown> | undefined): string | null {
  const header = parameters?.authorization ?? parameters?.Authorization
  return typeof header === 'string' ? (/^(?:Bearer +)?(\S+)$/i.exec(header)?.[1] ?? null) : null
}
