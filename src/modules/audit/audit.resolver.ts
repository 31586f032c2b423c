import { Arg, Args, Ctx, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql'
import { ConnectionArgs, connectionOf, type Page, pageRequest } from '../../shared/connection.ts'
import { toGlobalId } from '../../shared/global-id.ts'
import { AuditFilter } from './audit.inputs.ts'
import type { AuditReadModel } from './audit.read-model.ts'
import { AuditEntry } from './audit-entry.entity.ts'

const AuditEntryConnection = connectionOf(AuditEntry)

/** What these resolvers take from the context of an operation. */
interface Context {
  audit: AuditReadModel
}

@Resolver(() => AuditEntry)
export class AuditResolver {
  @Query(() => AuditEntryConnection, {
    description: 'Every change in the organization, newest first: by whom, before and after. Needs audit:read.',
  })
  auditLog(
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Arg('filter', () => AuditFilter, { nullable: true, description: 'Which entries; all unless told.' })
    filter: AuditFilter | null,
    @Ctx() { audit }: Context,
  ): Promise<Page<AuditEntry>> {
    return audit.list(pageRequest(args), filter ?? {})
  }

  @FieldResolver(() => ID, { description: 'Id of the object that was changed; it may be gone.' })
  subjectId(@Root() { subjectType, subjectId }: AuditEntry): string {
    return toGlobalId(subjectType, subjectId)
  }

  @FieldResolver(() => ID, { description: 'Id of the object that it is part of, or its own.' })
  rootId(@Root() { rootType, rootId }: AuditEntry): string {
    return toGlobalId(rootType, rootId)
  }
}
