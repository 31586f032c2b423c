import { Field, InputType } from 'type-graphql'
import { type AlertKind, AlertKindEnum } from './alert.entity.ts'

@InputType({ description: 'Which alerts; all conditions must hold, what is left out does not matter.' })
export class AlertFilter {
  @Field(() => Boolean, {
    nullable: true,
    description: 'Only those whose cause lasts, or only those that are cleared.',
  })
  isOpen?: boolean | null

  @Field(() => [AlertKindEnum], { nullable: true, description: 'Of one of these kinds.' })
  kind?: AlertKind[] | null

  @Field(() => String, { nullable: true, description: 'About the experiment with this key.' })
  experimentKey?: string | null
}
