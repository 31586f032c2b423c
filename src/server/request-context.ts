import type { EntityManager } from '@mikro-orm/postgresql'
import { AssignmentService } from '../modules/assignment/assignment.service.ts'
import { AssignmentStatistics } from '../modules/assignment/assignment-statistics.ts'
import { ExperimentReadModel } from '../modules/experiments/experiment.read-model.ts'
import { ExperimentService } from '../modules/experiments/experiment.service.ts'
import type { Ingestion } from '../modules/ingestion/ingestion.ts'
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
  #assignmentStatistics: AssignmentStatistics | undefined

  constructor(platform: Platform, viewer: Viewer) {
    this.platform = platform
    this.viewer = viewer
    this.em = platform.scopedTo(viewer.organizationId, viewer.actor)
    this.work = new UnitOfWork(this.em, platform.events)
  }

  get experiments(): ExperimentService {
    return new ExperimentService(this.work, this.viewer, this.platform.clock)
  }

  get experimentReads(): ExperimentReadModel {
    return new ExperimentReadModel(this.em, this.viewer)
  }

  get metrics(): MetricService {
    return new MetricService(this.work, this.viewer)
  }

  get ingestion(): Ingestion {
    return this.platform.ingestion
  }

  get assignments(): AssignmentService {
    return new AssignmentService(this.platform.assigner, this.platform.ingestion, this.viewer)
  }

  get assignmentStatistics(): AssignmentStatistics {
    this.#assignmentStatistics ??= new AssignmentStatistics(this.platform.assignmentStore, this.viewer)
    return this.#assignmentStatistics
  }
}
