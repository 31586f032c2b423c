import { Field, InputType } from 'type-graphql'
import { DateTimeScalar } from '../../shared/scalars.ts'
import { type AuditAction, AuditActionEnum } from './audit-entry.entity.ts'

@InputType({ description: 'Which entries; all conditions must hold, what is left out does not matter.' })
export class AuditFilter {
  @Field(() => [String], { nullable: true, description: 'By one of these: `key:N`, `member:N` or `system`.' })
  actor?: string[] | null

  @Field(() => [AuditActionEnum], { nullable: true, description: 'One of these actions.' })
  action?: AuditAction[] | null

  @Field(() => [String], { nullable: true, description: 'Objects of one of these kinds, such as `Variant`.' })
  subjectType?: string[] | null

  @Field(() => String, { nullable: true, description: 'Objects of this kind and their parts, such as `Experiment`.' })
  rootType?: string | null

  @Field(() => String, { nullable: true, description: 'The object with this key and its parts.' })
  rootKey?: string | null

  @Field(() => DateTimeScalar, { nullable: true, description: 'At or after this time.' })
  from?: Date | null

  @Field(() => DateTimeScalar, { nullable: true, description: 'Before this time.' })
  to?: Date | null
}
