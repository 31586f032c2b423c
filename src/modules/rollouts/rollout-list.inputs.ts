import { Field, InputType } from 'type-graphql'
import { describedEnum } from '../../shared/described-enum.ts'
import { type OrderDirection, OrderDirectionEnum } from '../../shared/order.ts'
import { RolloutStatusEnum } from './rollout.enums.ts'
import type { RolloutStatus } from './rollout-status.ts'

@InputType({ description: 'Which rollouts; all conditions must hold, what is left out does not matter.' })
export class RolloutFilter {
  @Field(() => [RolloutStatusEnum], { nullable: true, description: 'In one of these states.' })
  status?: RolloutStatus[] | null

  @Field(() => String, { nullable: true, description: 'That deliver the version with this label.' })
  versionLabel?: string | null

  @Field(() => String, {
    nullable: true,
    description: 'Text inside key, name or description, in any case of letters; 1 to 200 characters.',
  })
  text?: string | null
}

export const RolloutOrderFieldEnum = describedEnum('RolloutOrderField', 'What rollouts are ordered by.', {
  CREATED: 'When it was created.',
  STARTED: 'When it started; drafts come last.',
  NAME: 'Its name.',
  KEY: 'Its key.',
})

@InputType({ description: 'The order of a list of rollouts.' })
export class RolloutOrder {
  @Field(() => RolloutOrderFieldEnum, { description: 'What they are ordered by.' })
  field!: keyof typeof RolloutOrderFieldEnum

  @Field(() => OrderDirectionEnum, { defaultValue: 'ASC', description: 'Which end comes first.' })
  direction!: OrderDirection
}
