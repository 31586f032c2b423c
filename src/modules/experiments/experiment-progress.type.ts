import { Field, Float, Int, ObjectType } from 'type-graphql'
import type { Progress } from './experiment-progress.ts'

@ObjectType({ description: 'How far an experiment is, by its planned duration or sample size, whichever is further.' })
export class ExperimentProgress implements Progress {
  @Field(() => Float, { description: 'Fraction: 0 at the start, 1 when what was planned is reached.' })
  fraction!: number

  @Field(() => Int, {
    nullable: true,
    description:
      'Whole days, rounded up, at the rate of units so far; 0 once ended, null while nothing tells, and beyond 2,147,483,647 days.',
  })
  remainingDays!: number | null
}
