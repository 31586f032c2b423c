import {
  type DocumentNode,
  type ExecutionArgs,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  OperationTypeNode,
  parse,
  specifiedRules,
  validate,
} from 'graphql'
import type { Viewer } from '../modules/organizations/viewer.ts'
import { assertShallow } from './assert-shallow.ts'
import { assertWithinPolicy, DOCUMENT_LIMITS } from './document-policy.ts'

export interface OperationRequest {
  query: string
  operationName?: string | null
  variables?: Record<string, unknown> | null
}

export type Prepared = Pick<ExecutionArgs, 'schema' | 'document' | 'operationName' | 'variableValues'> & {
  operation: OperationTypeNode
}

/**
 * Parses, validates and limits a document that came by a WebSocket or asks for an event stream, as Apollo Server does
 * for the others.
 * @returns what can be executed, or the errors to answer with
 */
export function prepareOperation(
  schema: GraphQLSchema,
  { query, operationName, variables }: OperationRequest,
  viewer: Viewer,
): Prepared | GraphQLError[] {
  let document: DocumentNode
  try {
    assertShallow(query, variables)
  } catch (error) {
    return [new GraphQLError((error as Error).message, { originalError: error as Error })]
  }
  try {
    document = parse(query, { maxTokens: DOCUMENT_LIMITS.tokens })
  } catch (error) {
    return [withCode(error as GraphQLError, 'GRAPHQL_PARSE_FAILED')]
  }
  const errors = validate(schema, document, specifiedRules, {
    maxErrors: DOCUMENT_LIMITS.errors,
    hideSuggestions: true,
  })
  if (errors.length > 0) return errors.map((error) => withCode(error, 'GRAPHQL_VALIDATION_FAILED'))
  const operation = getOperationAST(document, operationName)
  if (!operation) {
    return [
      withCode(
        new GraphQLError('operationName must name one operation of the document.'),
        'OPERATION_RESOLUTION_FAILURE',
      ),
    ]
  }
  try {
    assertWithinPolicy({ schema, document, operation, variables }, viewer)
  } catch (error) {
    return [new GraphQLError((error as Error).message, { originalError: error as Error })]
  }
  return { schema, document, operationName, variableValues: variables ?? {}, operation: operation.operation }
}

function withCode(error: GraphQLError, code: string): GraphQLError {
  return new GraphQLError(error.message, {
    nodes: error.nodes,
    source: error.source,
    positions: error.positions,
    extensions: { code },
  })
}
