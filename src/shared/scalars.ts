import { GraphQLFloat, GraphQLScalarType } from 'graphql'
import { GraphQLDateTimeISO, GraphQLJSON, GraphQLJSONObject } from 'graphql-scalars'

export const DateTimeScalar = new GraphQLScalarType({
  ...GraphQLDateTimeISO.toConfig(),
  name: 'DateTime',
  description: 'A point in time, RFC 3339 in UTC with milliseconds.',
  specifiedByURL: 'https://datatracker.ietf.org/doc/html/rfc3339',
})

export const DateScalar = new GraphQLScalarType<string, string>({
  name: 'Date',
  description: 'A calendar day, YYYY-MM-DD, in the time zone of the experiment.',
  specifiedByURL: 'https://datatracker.ietf.org/doc/html/rfc3339#section-5.6',
  serialize: (value) => String(value),
})

export const JsonScalar = new GraphQLScalarType({ ...GraphQLJSON.toConfig(), description: 'Any JSON value.' })

export const JsonObjectScalar = new GraphQLScalarType({
  ...GraphQLJSONObject.toConfig(),
  description: 'A JSON object.',
})

const parseFinite = GraphQLFloat.parseValue

/**
 * A number that JSON writes but a double does not reach, such as 1e400, is infinite once it is read. As a literal of a
 * document it comes as far as the rules of its field; in variables it would end the whole operation, and with it every
 * other item of a batch. From here on the rules judge both.
 */
export function judgeInfiniteByRules(): void {
  GraphQLFloat.parseValue = (value) => (isInfinite(value) ? value : parseFinite(value))
}

function isInfinite(value: unknown): value is number {
  return value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY
}
