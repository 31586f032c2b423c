import { GraphQLError, type GraphQLFormattedError } from 'graphql'
import type { Logger } from 'pino'
import { DomainError } from '../shared/domain-error.ts'
import { ERROR_CODES } from '../shared/error-code.ts'

/** What a caller may see of an error: its own faults in words, ours only as INTERNAL_SERVER_ERROR. */
export function presentError(error: unknown, log: Logger): GraphQLFormattedError {
  const original = error instanceof GraphQLError ? (error.originalError ?? error) : error
  const place = error instanceof GraphQLError ? { locations: error.locations, path: error.path } : {}
  if (original instanceof DomainError) {
    return { message: original.message, ...place, extensions: { code: original.code, ...extras(original) } }
  }
  if (original instanceof GraphQLError && !(error instanceof GraphQLError && error.path && !original.extensions.code)) {
    const code = String((error as GraphQLError).extensions?.code ?? original.extensions.code)
    const known = Object.hasOwn(ERROR_CODES, code) ? code : 'BAD_USER_INPUT'
    return { message: original.message, ...place, extensions: { code: known } }
  }
  log.error({ err: original }, 'A request failed for a reason of ours.')
  return {
    message: 'The server failed; its log has the details.',
    ...place,
    extensions: { code: 'INTERNAL_SERVER_ERROR' },
  }
}

function extras({ details }: DomainError): Record<string, unknown> {
  return Object.fromEntries(Object.entries(details).filter(([, value]) => value !== undefined))
}
