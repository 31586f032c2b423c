import { Field, InputType, Int } from 'type-graphql'

/** What every change of an experiment names. */
@InputType()
export abstract class ExperimentKeyInput {
  @Field(() => String, { description: 'Key of the experiment.' })
  experimentKey!: string

  @Field(() => Int, {
    nullable: true,
    description: 'The version that the caller looked at; the change is refused if it has changed since.',
  })
  expectedVersion?: number | null
}
