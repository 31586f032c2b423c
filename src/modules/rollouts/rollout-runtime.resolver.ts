import { Arg, Ctx, Mutation, Query, Resolver, Root, type SubscribeResolverData, Subscription } from 'type-graphql'
import { JsonObjectScalar } from '../../shared/scalars.ts'
import { Receipt } from '../ingestion/ingestion.types.ts'
import type { Viewer } from '../organizations/viewer.ts'
import { RecordRolloutExposuresInput, ReportRolloutHealthInput } from './health.inputs.ts'
import type { RolloutHealthService } from './health.service.ts'
import type { LiveRolloutsService } from './live-rollouts.service.ts'
import { Rollout } from './rollout.entity.ts'
import type { RolloutDecisionService } from './rollout-decision.service.ts'
import { RolloutDecision } from './rollout-decision.types.ts'

/** What these resolvers take from the context of an operation. */
interface Context {
  rolloutDecisions: RolloutDecisionService
  rolloutHealth: RolloutHealthService
  liveRollouts: LiveRolloutsService
  viewer: Viewer
}

const UNIT_ID = { description: 'The unit, 1 to 256 bytes.' }
const ATTRIBUTES = { nullable: true, description: 'What targeting looks at.' }

@Resolver()
export class RolloutRuntimeResolver {
  @Query(() => RolloutDecision, {
    description:
      'Whether a unit is on the new version of a rollout; nothing is stored. Needs rollout:decide; ROLLOUT_NOT_FOUND is a top-level error.',
  })
  rolloutDecision(
    @Arg('key', () => String, { description: 'Key of the rollout.' }) key: string,
    @Arg('unitId', () => String, UNIT_ID) unitId: string,
    @Arg('attributes', () => JsonObjectScalar, ATTRIBUTES) attributes: Record<string, unknown> | null,
    @Ctx() { rolloutDecisions }: Context,
  ): Promise<RolloutDecision> {
    return rolloutDecisions.byKey(key, { unitId, attributes })
  }

  @Query(() => RolloutDecision, {
    description:
      'Whether a unit is on a version, by the newest started rollout that delivers it. Needs rollout:decide; VERSION_NOT_FOUND is a top-level error.',
  })
  rolloutDecisionByVersion(
    @Arg('versionLabel', () => String, { description: 'Label of the version.' }) versionLabel: string,
    @Arg('unitId', () => String, UNIT_ID) unitId: string,
    @Arg('attributes', () => JsonObjectScalar, ATTRIBUTES) attributes: Record<string, unknown> | null,
    @Ctx() { rolloutDecisions }: Context,
  ): Promise<RolloutDecision> {
    return rolloutDecisions.byVersion(versionLabel, { unitId, attributes })
  }

  @Query(() => [RolloutDecision], {
    description: 'Every started rollout for a unit, newest first; nothing is stored. Needs rollout:decide.',
  })
  rolloutDecisions(
    @Arg('unitId', () => String, UNIT_ID) unitId: string,
    @Arg('attributes', () => JsonObjectScalar, ATTRIBUTES) attributes: Record<string, unknown> | null,
    @Arg('unitType', () => String, { defaultValue: 'user', description: 'Type of the unit.' }) unitType: string,
    @Ctx() { rolloutDecisions }: Context,
  ): Promise<RolloutDecision[]> {
    return rolloutDecisions.all(unitType, { unitId, attributes })
  }

  @Mutation(() => Receipt, {
    description:
      'Takes in how requests fared on the new version and on the old one. Answered means committed, and acted upon: a check that fails now has stopped the rollout. Needs rollout:report; BATCH_TOO_LARGE beyond 5,000.',
  })
  reportRolloutHealth(
    @Arg('input', () => ReportRolloutHealthInput, { description: 'The samples.' }) input: ReportRolloutHealthInput,
    @Ctx() { rolloutHealth, viewer }: Context,
  ): Promise<Receipt> {
    return rolloutHealth.report(viewer, input)
  }

  @Mutation(() => Receipt, {
    description:
      'Records that units met rollouts, on the new version or not as rolloutDecision has it, for the health checks that read metrics; without such a check an exposure tells nothing and counts as a duplicate. Needs exposure:record; BATCH_TOO_LARGE beyond 5,000.',
  })
  recordRolloutExposures(
    @Arg('input', () => RecordRolloutExposuresInput, { description: 'The exposures.' })
    input: RecordRolloutExposuresInput,
    @Ctx() { rolloutHealth, viewer }: Context,
  ): Promise<Receipt> {
    return rolloutHealth.recordExposures(viewer, input)
  }

  @Subscription(() => Rollout, {
    description:
      'A rollout: now, and after each step, each report of its health and each change of the metrics that its checks read, at most four a second; a slow reader gets the newest. Needs rollout:read. Ends with ROLLOUT_DELETED or KEY_REVOKED.',
    subscribe: ({ args, context }: SubscribeResolverData<unknown, { rolloutKey: string }, Context>) =>
      context.liveRollouts.updates(args.rolloutKey),
  })
  rolloutUpdates(
    @Arg('rolloutKey', () => String, { description: 'Key of the rollout.' }) _rolloutKey: string,
    @Root() rolloutId: number,
    @Ctx() { liveRollouts }: Context,
  ): Promise<Rollout> {
    return liveRollouts.rollout(rolloutId)
  }
}
