import type { ApolloServerPlugin } from '@apollo/server'
import { GraphQLError, OperationTypeNode } from 'graphql'
import { DomainError } from '../shared/domain-error.ts'
import { assertWithinPolicy } from './document-policy.ts'
import type { RequestContext } from './request-context.ts'

/** Refuses a document beyond the limits before it is executed. */
export const documentPolicy: ApolloServerPlugin<RequestContext> = {
  requestDidStart: async () => ({
    didResolveOperation: async ({ schema, document, operation, request, contextValue }) => {
      if (!operation) return
      if (operation.operation === OperationTypeNode.SUBSCRIPTION) throw wrongTransport()
      try {
        assertWithinPolicy({ schema, document, operation, variables: request.variables }, contextValue.viewer)
      } catch (error) {
        if (!(error instanceof DomainError)) throw error
        const status = error.code === 'INTROSPECTION_DISABLED' ? 403 : 400
        throw new GraphQLError(error.message, {
          originalError: error,
          extensions: { code: error.code, http: { status } },
        })
      }
    },
  }),
}

function wrongTransport(): GraphQLError {
  const message =
    'A subscription runs over a WebSocket on this address, or as Server-Sent Events at /graphql/stream, not by a single answer.'
  return new GraphQLError(message, { extensions: { code: 'SUBSCRIPTION_TRANSPORT', http: { status: 400 } } })
}

const REQUEST_ERRORS = new Set([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_USER_INPUT',
  'OPERATION_RESOLUTION_FAILURE',
])

/**
 * A well-formed request is answered with 200 to a client that does not ask for `application/graphql-response+json`,
 * as the GraphQL over HTTP specification has it, even if its document is not valid.
 */
export const legacyStatus: ApolloServerPlugin<RequestContext> = {
  requestDidStart: async () => ({
    willSendResponse: async ({ request, response }) => {
      const { body, http } = response
      if (http.status !== 400 || body.kind !== 'single') return
      if (request.http?.headers.get('accept')?.includes('application/graphql-response+json')) return
      const errors = body.singleResult.errors ?? []
      if (errors.every(({ extensions }) => REQUEST_ERRORS.has(String(extensions?.code)))) http.status = 200
    },
  }),
}
