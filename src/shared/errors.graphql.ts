import { createUnionType, Field, Int, InterfaceType, ObjectType } from 'type-graphql'
import { describedEnum } from './described-enum.ts'
import { DomainError, type Problem } from './domain-error.ts'
import { ERROR_CODES, type ErrorCode } from './error-code.ts'

export const ErrorCodeEnum = describedEnum<ErrorCode>(
  'ErrorCode',
  'Stable codes of every error, in results and in the extensions of top-level errors.',
  ERROR_CODES,
)

@InterfaceType('Error', {
  description: 'A failure that the caller can act on.',
  resolveType: (value: ErrorMember) => value.constructor.name,
})
export abstract class ErrorMember {
  @Field(() => ErrorCodeEnum, { description: 'Stable code from the catalogue.' })
  code!: ErrorCode

  @Field(() => String, { description: 'Names the value and the rule; for people, its wording may change.' })
  message!: string
}

@ObjectType({ implements: ErrorMember, description: 'A value in the input breaks a rule of its own.' })
export class InputError extends ErrorMember {
  @Field(() => [String], {
    description: 'Path of the value inside the input, outermost first; empty when it is the whole input.',
  })
  path!: string[]
}

@ObjectType({ implements: ErrorMember, description: 'Something the input names does not exist in this organization.' })
export class NotFoundError extends ErrorMember {}

@ObjectType({
  implements: ErrorMember,
  description: 'Somebody else was first: the version is stale or the key is taken.',
})
export class ConflictError extends ErrorMember {
  @Field(() => Int, {
    nullable: true,
    description: 'Version that the object has now; null when the conflict is about a key.',
  })
  currentVersion!: number | null
}

@ObjectType('Problem', { description: 'One broken rule.' })
class ProblemType implements Problem {
  @Field(() => ErrorCodeEnum, { description: 'Stable code from the catalogue.' })
  code!: ErrorCode

  @Field(() => String, { description: 'Names the value and the rule.' })
  message!: string
}

@ObjectType({ implements: ErrorMember, description: 'The object is not in a state that allows the step.' })
export class RuleError extends ErrorMember {
  @Field(() => [ProblemType], { description: 'Every broken rule; at least one.' })
  problems!: Problem[]
}

const MEMBERS: ReadonlyArray<[new () => ErrorMember, (code: ErrorCode) => boolean]> = [
  [ConflictError, (code) => code === 'VERSION_CONFLICT' || code.endsWith('_TAKEN')],
  [NotFoundError, (code) => code.endsWith('NOT_FOUND')],
  [InputError, (code) => code === 'BAD_USER_INPUT' || code.endsWith('_INVALID')],
  [RuleError, () => true],
]

/** Turns a failure into the member of a result union that stands for it. */
export function toErrorMember(error: DomainError): ErrorMember {
  const { path = [], currentVersion = null, problems } = error.details
  const Member = problems ? RuleError : MEMBERS.find(([, holds]) => holds(error.code))![0]
  return Object.assign(new Member(), {
    code: error.code,
    message: error.message,
    path,
    currentVersion,
    problems: problems ?? [{ code: error.code, message: error.message }],
  })
}

/** `CreateExperiment` + its success type → the union `CreateExperimentResult` with every kind of failure. */
export function resultUnion<T extends object>(operation: string, success: new () => T) {
  return createUnionType({
    name: `${operation}Result`,
    description: `What ${operation[0]!.toLowerCase()}${operation.slice(1)} answers.`,
    types: () => [success, InputError, NotFoundError, ConflictError, RuleError] as const,
    resolveType: (value) => value.constructor as new () => T,
  })
}

/** Failures that are about access or the server and therefore never a member of a result. */
const TOP_LEVEL: ReadonlySet<ErrorCode> = new Set([
  'FORBIDDEN',
  'UNAUTHENTICATED',
  'INTERNAL_SERVER_ERROR',
  'SERVER_BUSY',
  'SERVER_STOPPING',
])

export function isResultMember(error: unknown): error is DomainError {
  return error instanceof DomainError && !TOP_LEVEL.has(error.code)
}
