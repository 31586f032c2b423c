import { Field, Float, Int, ObjectType } from 'type-graphql'
import { DateTimeScalar } from '../../shared/scalars.ts'
import { MetricResults } from './metric-results.types.ts'
import type { SlicedResults, SliceResult } from './sliced-results.ts'

@ObjectType('DimensionSlice', { description: 'The results of the units with one value of a dimension.' })
export class DimensionSlice implements SliceResult {
  @Field(() => String, {
    nullable: true,
    description:
      'The value in the context of the first exposure; null for other: every value that was not declared, and none at all.',
  })
  value!: string | null

  @Field(() => Int, { description: 'Units that count, of all variants together.' })
  exposedUnits!: number

  @Field(() => [MetricResults], {
    description:
      'Its metrics, in order, each compared within the slice; corrected for the comparisons of all slices together. Without series, and without a group-sequential test: where one decides the experiment, the confidence sequence does here.',
  })
  metrics!: SliceResult['metrics']
}

@ObjectType({
  description:
    'The results of an experiment by the values of a dimension that was declared before its start. They explore; no decision is drawn from them.',
})
export class DimensionResults implements SlicedResults {
  experimentId!: number

  @Field(() => String, { description: 'Key of the experiment.' })
  experimentKey!: string

  @Field(() => String, { description: 'Key of the dimension.' })
  dimension!: string

  @Field(() => Float, { description: 'Change counter of the experiment, as that of its results.' })
  version!: number

  @Field(() => DateTimeScalar, { description: 'When the numbers were computed.' })
  computedAt!: Date

  @Field(() => [DimensionSlice], { description: 'In the order of the declared values, other last.' })
  slices!: SliceResult[]
}
