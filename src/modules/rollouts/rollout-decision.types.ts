import { Field, ObjectType } from 'type-graphql'
import { JsonObjectScalar } from '../../shared/scalars.ts'
import type { RolloutReason } from './decide-rollout.ts'
import { RolloutReasonEnum } from './rollout.enums.ts'

@ObjectType({ description: 'Whether a unit is on the new version of a rollout, and why.' })
export class RolloutDecision {
  @Field(() => String, { description: 'Key of the rollout.' })
  rolloutKey!: string

  @Field(() => String, { description: 'The unit.' })
  unitId!: string

  @Field(() => String, { description: 'Label of the version that the rollout delivers.' })
  versionLabel!: string

  @Field(() => Boolean, { description: 'Whether the unit gets it.' })
  isOnNewVersion!: boolean

  @Field(() => RolloutReasonEnum, { description: 'Why.' })
  reason!: RolloutReason

  @Field(() => JsonObjectScalar, {
    nullable: true,
    description: 'What the application reads: the config of the new version, or the control config.',
  })
  config!: Record<string, unknown> | null
}
