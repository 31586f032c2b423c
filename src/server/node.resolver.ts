import type { EntityManager } from '@mikro-orm/postgresql'
import { Arg, Ctx, ID, Query, Resolver } from 'type-graphql'
import type { AlertReadModel } from '../modules/alerts/alert.read-model.ts'
import type { AuditReadModel } from '../modules/audit/audit.read-model.ts'
import type { DecisionReadModel } from '../modules/decisions/decision.read-model.ts'
import type { ResultStates } from '../modules/decisions/result-states.ts'
import type { ExperimentReadModel } from '../modules/experiments/experiment.read-model.ts'
import type { MetricReadModel } from '../modules/metrics/metric.read-model.ts'
import type { AccessReadModel } from '../modules/organizations/access.read-model.ts'
import { Organization } from '../modules/organizations/organization.entity.ts'
import type { Viewer } from '../modules/organizations/viewer.ts'
import type { RecomputationReadModel } from '../modules/recomputations/recomputation.read-model.ts'
import type { ResultsLoader } from '../modules/results/results-loader.ts'
import type { RolloutReadModel } from '../modules/rollouts/rollout.read-model.ts'
import type { WebhookReadModel } from '../modules/webhooks/webhook.read-model.ts'
import { integerKey, parseGlobalId } from '../shared/global-id.ts'
import { checkCount } from '../shared/input-rules.ts'
import { Node } from '../shared/node.ts'

const MAX_NODES = 100

/** What this resolver takes from the context of an operation. */
interface Context {
  em: EntityManager
  viewer: Viewer
  experimentReads: ExperimentReadModel
  metricReads: MetricReadModel
  rolloutReads: RolloutReadModel
  access: AccessReadModel
  results: ResultsLoader
  resultStates: ResultStates
  recomputationReads: RecomputationReadModel
  audit: AuditReadModel
  decisions: DecisionReadModel
  alerts: AlertReadModel
  webhookReads: WebhookReadModel
}

/** How the nodes of a type are found by their global ids; only those that the viewer's organization has. */
const FINDERS: Record<string, (ids: readonly string[], context: Context) => Promise<Node[]>> = {
  Experiment: (ids, { experimentReads }) => experimentReads.byIds(integerKeys(ids, 'Experiment')),
  Variant: (ids, { experimentReads }) => experimentReads.variantsByIds(integerKeys(ids, 'Variant')),
  Rollout: (ids, { rolloutReads }) => rolloutReads.byIds(integerKeys(ids, 'Rollout')),
  RolloutTransition: (ids, { rolloutReads }) => rolloutReads.transitionsByIds(integerKeys(ids, 'RolloutTransition')),
  Metric: (ids, { metricReads }) => metricReads.byIds(integerKeys(ids, 'Metric')),
  Member: (ids, { access }) => access.membersByIds(integerKeys(ids, 'Member')),
  ApiKey: (ids, { access }) => access.apiKeysByIds(integerKeys(ids, 'ApiKey')),
  PersonalToken: (ids, { access }) => access.personalTokensByIds(integerKeys(ids, 'PersonalToken')),
  ExperimentResults: async (ids, { results, resultStates, recomputationReads }) => {
    const found = await Promise.all([
      Promise.all(integerKeys(ids, 'ExperimentResults').map((id) => results.byId(id))),
      resultStates.byNodeIds(ids),
      recomputationReads.resultsByNodeIds(ids),
    ])
    return found.flat().filter((each) => each !== null)
  },
  ResultsRecomputation: (ids, { recomputationReads }) =>
    recomputationReads.byIds(integerKeys(ids, 'ResultsRecomputation')),
  AuditEntry: (ids, { audit }) => audit.byIds(integerKeys(ids, 'AuditEntry')),
  Alert: (ids, { alerts }) => alerts.byIds(integerKeys(ids, 'Alert')),
  WebhookEndpoint: (ids, { webhookReads }) => webhookReads.endpointsByIds(integerKeys(ids, 'WebhookEndpoint')),
  WebhookDelivery: (ids, { webhookReads }) => webhookReads.deliveriesByIds(integerKeys(ids, 'WebhookDelivery')),
  DecisionRecord: (ids, { decisions }) => decisions.byIds(integerKeys(ids, 'DecisionRecord')),
  Organization: (ids, { em, viewer }) => {
    viewer.assertCan('organization:read')
    // The only organization there is for a viewer is its own.
    const own = ids.some((id) => parseGlobalId(id)?.key === viewer.organizationId)
    return own ? em.find(Organization, { id: viewer.organizationId }) : Promise.resolve([])
  },
}

@Resolver()
export class NodeResolver {
  @Query(() => Node, {
    nullable: true,
    description:
      'Any object by its id; null if it does not exist in the organization. Needs what reading its type needs.',
  })
  async node(
    @Arg('id', () => ID, { description: 'Its id.' }) id: string,
    @Ctx() context: Context,
  ): Promise<Node | null> {
    return (await findNodes([id], context))[0] ?? null
  }

  @Query(() => [Node], {
    nullable: 'items',
    description:
      'Objects by their ids, in the order of the ids, up to 100; null where one does not exist. Needs what reading their types needs.',
  })
  nodes(
    @Arg('ids', () => [ID], { description: 'Their ids.' }) ids: string[],
    @Ctx() context: Context,
  ): Promise<Array<Node | null>> {
    checkCount(['ids'], ids, MAX_NODES)
    return findNodes(ids, context)
  }
}

/** One statement for each type that the ids name. */
async function findNodes(ids: readonly string[], context: Context): Promise<Array<Node | null>> {
  const byType = Map.groupBy(ids, (id) => parseGlobalId(id)?.typeName ?? '')
  const found = await Promise.all(
    [...byType].map(([typeName, idsOfType]) =>
      Object.hasOwn(FINDERS, typeName) ? FINDERS[typeName]!(idsOfType, context) : [],
    ),
  )
  const byId = new Map(found.flat().map((node) => [node.nodeId, node]))
  return ids.map((id) => byId.get(id) ?? null)
}

function integerKeys(ids: readonly string[], typeName: string): number[] {
  return ids.flatMap((id) => integerKey(id, typeName) ?? [])
}
