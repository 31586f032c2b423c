import type { EntityManager } from '@mikro-orm/postgresql'
import { ExperimentReadModel } from '../modules/experiments/experiment.read-model.ts'
import { ExperimentService } from '../modules/experiments/experiment.service.ts'
import { MetricReadModel } from '../modules/metrics/metric.read-model.ts'
import { MetricService } from '../modules/metrics/metric.service.ts'
import type { Viewer } from '../modules/organizations/viewer.ts'
import { UnitOfWork } from '../shared/unit-of-work.ts'
import type { Platform } from './platform.ts'

/** All that one operation may touch, within the organization of its viewer. */
export class RequestContext {
  readonly viewer: Viewer
  readonly platform: Platform
  readonly em: EntityManager
  readonly work: UnitOfWork
  readonly metricReads: MetricReadModel

  constructor(platform: Platform, viewer: Viewer) {
    this.platform = platform
    this.viewer = viewer
    this.em = platform.scopedTo(viewer.organizationId, viewer.actor)
    this.work = new UnitOfWork(this.em, platform.events)
    this.metricReads = new MetricReadModel(this.em, viewer)
  }

  get experiments(): ExperimentService {
    return new ExperimentService(this.work, this.viewer, this.platform.clock)
  }

  get experimentReads(): ExperimentReadModel {
    return new ExperimentReadModel(this.em, this.viewer)
  }

  get metrics(): MetricService {
    return new MetricService(this.work, this.viewer, this.platform.clock)
  }
}
