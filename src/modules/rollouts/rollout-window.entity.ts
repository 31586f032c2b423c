import type { Ref } from '@mikro-orm/core'
import { Entity, ManyToOne, Property, Unique } from '@mikro-orm/decorators/legacy'
import { TrackedEntity } from '../../shared/tracked.entity.ts'
import { Rollout } from './rollout.entity.ts'

/** A period in which the share stood still and samples add up: one for each stage, resumption and share set by hand. */
@Entity()
@Unique({ properties: ['organizationId', 'rollout', 'number'] })
export class RolloutWindow extends TrackedEntity {
  @ManyToOne({ entity: () => Rollout, createForeignKeyConstraint: false, ref: true })
  rollout!: Ref<Rollout>

  @Property({ type: 'integer' })
  number!: number

  @Property({ type: 'integer' })
  shareBasisPoints!: number

  @Property({ type: 'datetime', columnType: 'timestamptz' })
  startedAt!: Date

  @Property({ type: 'datetime', columnType: 'timestamptz', nullable: true })
  endedAt?: Date | null

  /** Under which exposures, events and aggregates know this window, beside experiments; null where no check reads a metric. */
  @Property({ type: 'integer', nullable: true })
  attributionId?: number | null

  /** Of the units on the new version; null: none yet. */
  @Property({ type: 'datetime', columnType: 'timestamptz', nullable: true })
  newestTreatmentExposureAt?: Date | null

  /** Of those that are not; null: none yet. */
  @Property({ type: 'datetime', columnType: 'timestamptz', nullable: true })
  newestControlExposureAt?: Date | null
}
