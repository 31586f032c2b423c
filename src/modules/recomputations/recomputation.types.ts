import { Field, InputType, ObjectType } from 'type-graphql'
import type { ErrorCode } from '../../shared/error-code.ts'
import { ErrorCodeEnum, resultUnion } from '../../shared/errors.graphql.ts'
import { DateTimeScalar } from '../../shared/scalars.ts'
import { ResultsRecomputation } from './results-recomputation.entity.ts'

@InputType({ description: 'Which results to compute again.' })
export class RecomputeResultsInput {
  @Field(() => String, { description: 'Key of the experiment.' })
  experimentKey!: string

  @Field(() => DateTimeScalar, {
    description: 'What happened before this moment counts: from the start of the experiment until now.',
  })
  asOf!: Date
}

@ObjectType({ description: 'Why a recomputation failed.' })
export class RecomputationFailure {
  @Field(() => ErrorCodeEnum, { description: 'Stable code from the catalogue.' })
  code!: ErrorCode

  @Field(() => String, { description: 'For people, with the values.' })
  message!: string
}

@ObjectType({ description: 'The results will be computed.' })
export class RecomputeResultsSuccess {
  @Field(() => ResultsRecomputation, {
    description: 'What to ask again until it is done; the one that is queued already if the same was asked before.',
  })
  recomputation!: ResultsRecomputation
}
export const RecomputeResultsResult = resultUnion('RecomputeResults', RecomputeResultsSuccess)
