import { Filter, PrimaryKey, Property } from '@mikro-orm/decorators/legacy'

/**
 * A row of one organization. The filter scopes every query of the ORM; the row-level security policy on the table,
 * made by the migrations, is the wall behind it.
 * The id is unique over all organizations, and so it is what the ORM knows rows by; the primary key of the table is
 * (organization_id, id), and foreign keys name both, so that a row can never refer to another organization's.
 */
@Filter({
  name: 'organization',
  cond: (args: { organizationId?: string; disabled?: boolean }) =>
    args.disabled ? {} : { organizationId: args.organizationId },
  default: true,
})
export abstract class ScopedEntity {
  @Property({ type: 'uuid' })
  organizationId!: string

  @PrimaryKey({ type: 'integer', autoincrement: true })
  id!: number
}
