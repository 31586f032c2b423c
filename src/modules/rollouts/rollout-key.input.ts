import { Field, InputType, Int } from 'type-graphql'

/** What every change of a rollout names. */
@InputType()
export abstract class RolloutKeyInput {
  @Field(() => String, { description: 'Key of the rollout.' })
  rolloutKey!: string

  @Field(() => Int, {
    nullable: true,
    description: 'The version that the caller looked at; the change is refused if it has changed since.',
  })
  expectedVersion?: number | null
}
