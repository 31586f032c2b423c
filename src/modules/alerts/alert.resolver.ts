import {
  Arg,
  Args,
  Ctx,
  FieldResolver,
  Query,
  Resolver,
  Root,
  type SubscribeResolverData,
  Subscription,
} from 'type-graphql'
import { ConnectionArgs, connectionOf, type Page, pageRequest } from '../../shared/connection.ts'
import { Experiment } from '../experiments/experiment.entity.ts'
import type { ExperimentReadModel } from '../experiments/experiment.read-model.ts'
import { Alert } from './alert.entity.ts'
import { AlertFilter } from './alert.inputs.ts'
import type { AlertReadModel } from './alert.read-model.ts'

const AlertConnection = connectionOf(Alert)

/** What these resolvers take from the context of an operation. */
interface Context {
  alerts: AlertReadModel
  experimentReads: ExperimentReadModel
}

@Resolver(() => Alert)
export class AlertResolver {
  @Query(() => AlertConnection, {
    description: 'What somebody should look at, and should have, newest first. Needs result:read.',
  })
  alerts(
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Arg('filter', () => AlertFilter, { nullable: true, description: 'Which ones; all unless told.' })
    filter: AlertFilter | null,
    @Ctx() { alerts }: Context,
  ): Promise<Page<Alert>> {
    return alerts.list(pageRequest(args), filter ?? {})
  }

  @Subscription(() => [Alert], {
    description:
      'The open alerts, newest first and 100 at the most: now, and whenever one is raised or cleared. Needs result:read. Ends with KEY_REVOKED.',
    subscribe: ({ context }: SubscribeResolverData<unknown, Record<string, never>, Context>) =>
      context.alerts.subscribe(),
  })
  openAlerts(@Ctx() { alerts }: Context): Promise<Alert[]> {
    return alerts.open()
  }

  @FieldResolver(() => Experiment, {
    nullable: true,
    description: 'The experiment that it is about; null if it is about something else, or the experiment is deleted.',
  })
  async experiment(@Root() { experimentId }: Alert, @Ctx() { experimentReads }: Context): Promise<Experiment | null> {
    return experimentId == null ? null : experimentReads.byId(experimentId)
  }
}
