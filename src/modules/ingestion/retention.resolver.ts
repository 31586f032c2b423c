import { Ctx, FieldResolver, Int, Resolver } from 'type-graphql'
import { Organization } from '../organizations/organization.entity.ts'
import type { Ingestion } from './ingestion.ts'

@Resolver(() => Organization)
export class RetentionResolver {
  @FieldResolver(() => Int, {
    description:
      'How many days ago events and exposures may have happened when they come in; earlier ones are rejected with TIME_PAST_RETENTION.',
  })
  eventRetentionDays(@Ctx() { ingestion }: { ingestion: Ingestion }): number {
    return ingestion.retentionDays
  }
}
