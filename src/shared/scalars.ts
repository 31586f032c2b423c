import { GraphQLError, GraphQLFloat, GraphQLScalarType } from 'graphql'
import { GraphQLDateTimeISO, GraphQLJSON, GraphQLJSONObject } from 'graphql-scalars'

const dateTime = GraphQLDateTimeISO.toConfig()

export const DateTimeScalar = new GraphQLScalarType<Date, string | Date>({
  ...dateTime,
  name: 'DateTime',
  description: 'A point in time, RFC 3339 in UTC with milliseconds, in the years 0001 to 9999.',
  specifiedByURL: 'https://datatracker.ietf.org/doc/html/rfc3339',
  parseValue: (value) => checkYear(dateTime.parseValue(value)),
  parseLiteral: (literal, variables) => checkYear(dateTime.parseLiteral(literal, variables)),
})

/** PostgreSQL knows no year 0, and an offset can move a time out of the four digits of a year. */
function checkYear(time: Date): Date {
  const year = time.getUTCFullYear()
  if (year >= 1 && year <= 9_999) return time
  throw new GraphQLError(`DateTime takes the years 0001 to 9999 in UTC; this is the year ${year}.`)
}

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
