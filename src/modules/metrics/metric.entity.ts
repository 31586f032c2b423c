import { Collection, type Opt } from '@mikro-orm/core'
import { Entity, OneToMany, Property, Unique } from '@mikro-orm/decorators/legacy'
import { Field, Int, ObjectType } from 'type-graphql'
import { toGlobalId } from '../../shared/global-id.ts'
import { Node } from '../../shared/node.ts'
import { DateTimeScalar } from '../../shared/scalars.ts'
import { TrackedEntity } from '../../shared/tracked.entity.ts'
import { MetricKindEnum } from './metric.enums.ts'
import type { MetricKind } from './metric-definition.ts'
import { MetricVersion } from './metric-version.entity.ts'

@Entity()
@Unique({ properties: ['organizationId', 'key'] })
@ObjectType({
  implements: Node,
  description: 'A quantity that experiments are judged by, built on the events of units.',
})
export class Metric extends TrackedEntity implements Node {
  @Field(() => String, { description: 'Unique in the organization.' })
  @Property({ type: 'text' })
  key!: string

  @Field(() => String, { description: 'Name for people.' })
  @Property({ type: 'text' })
  name!: string

  @Field(() => String, { nullable: true, description: 'What it means and why it matters.' })
  @Property({ type: 'text', nullable: true })
  description?: string | null

  @Field(() => MetricKindEnum, { description: 'What it measures; fixed for all versions.' })
  @Property({ type: 'text' })
  kind!: MetricKind

  @Field(() => Int, { name: 'version', description: 'Number of the newest version of the definition.' })
  @Property({ type: 'integer' })
  latestVersion!: number

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: 'When it was archived; null while it can be used in new experiments.',
  })
  @Property({ type: 'datetime', columnType: 'timestamptz', nullable: true })
  archivedAt?: Date | null

  @OneToMany(
    () => MetricVersion,
    (version: MetricVersion) => version.metric,
    { orderBy: { version: 'desc' } },
  )
  versions = new Collection<MetricVersion>(this)

  get nodeId(): Opt<string> {
    return toGlobalId('Metric', this.id)
  }
}
