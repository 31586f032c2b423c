import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql'
import { ConnectionArgs, connectionOf, type Page, pageRequest } from '../../shared/connection.ts'
import { DomainError } from '../../shared/domain-error.ts'
import { integerKey } from '../../shared/global-id.ts'
import { Experiment } from '../experiments/experiment.entity.ts'
import { Metric } from '../metrics/metric.entity.ts'
import type { PromotionService } from './promotion.service.ts'
import { Rollout } from './rollout.entity.ts'
import { CreateRolloutInput, DeleteRolloutInput, PromoteWinnerInput, UpdateRolloutInput } from './rollout.inputs.ts'
import { CreateRollout, DeleteRollout, PromoteWinner, UpdateRollout } from './rollout.payloads.ts'
import type { RolloutReadModel } from './rollout.read-model.ts'
import type { RolloutService } from './rollout.service.ts'
import { RolloutHealth, RolloutStage } from './rollout.types.ts'
import { RolloutCheck } from './rollout-check.entity.ts'
import { isReproduced } from './rollout-evidence.ts'
import { RolloutFilter, RolloutOrder } from './rollout-list.inputs.ts'
import { RolloutTransition } from './rollout-transition.entity.ts'
import { toRolloutHealth } from './to-rollout-health.ts'

const RolloutConnection = connectionOf(Rollout)
const RolloutTransitionConnection = connectionOf(RolloutTransition)

/** What these resolvers take from the context of an operation. */
interface Context {
  rollouts: RolloutService
  rolloutReads: RolloutReadModel
  promotions: PromotionService
}

@Resolver(() => Rollout)
export class RolloutResolver {
  @Query(() => Rollout, {
    nullable: true,
    description: 'One rollout, by its key or by its id; null if there is none. Needs rollout:read.',
  })
  async rollout(
    @Arg('key', () => String, { nullable: true, description: 'Key of the rollout.' }) key: string | null,
    @Arg('id', () => ID, { nullable: true, description: 'Id of the rollout.' }) id: string | null,
    @Ctx() { rolloutReads }: Context,
  ): Promise<Rollout | null> {
    if ((key == null) === (id == null)) {
      throw new DomainError('BAD_USER_INPUT', 'A rollout is found by key or by id; give one of them.')
    }
    if (key != null) return rolloutReads.byKey(key)
    const number = integerKey(id!, 'Rollout')
    return (await rolloutReads.byIds(number === null ? [] : [number]))[0] ?? null
  }

  @Query(() => RolloutConnection, {
    description: 'The rollouts of the organization, newest first unless told. Needs rollout:read.',
  })
  rollouts(
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Arg('filter', () => RolloutFilter, { nullable: true, description: 'Which ones; all unless told.' })
    filter: RolloutFilter | null,
    @Arg('orderBy', () => RolloutOrder, { nullable: true, description: 'Their order.' })
    orderBy: RolloutOrder | null,
    @Ctx() { rolloutReads }: Context,
  ): Promise<Page<Rollout>> {
    return rolloutReads.list(pageRequest(args), filter ?? {}, orderBy)
  }

  @Mutation(() => CreateRollout.Result, { description: 'Creates a rollout as a draft. Needs rollout:write.' })
  createRollout(
    @Arg('input', () => CreateRolloutInput, { description: 'The plan.' }) input: CreateRolloutInput,
    @Ctx() { rollouts }: Context,
  ) {
    return CreateRollout.success(rollouts.create(input))
  }

  @Mutation(() => PromoteWinner.Result, {
    description:
      "Makes a draft that delivers the winner of a completed experiment in the default stages, with the experiment's guardrails as health checks against the control. Needs rollout:write.",
  })
  promoteWinner(
    @Arg('input', () => PromoteWinnerInput, { description: 'Which experiment.' }) input: PromoteWinnerInput,
    @Ctx() { promotions }: Context,
  ) {
    return PromoteWinner.success(promotions.promoteWinner(input))
  }

  @Mutation(() => UpdateRollout.Result, {
    description: 'Changes name and description at any time, the rest of the plan in a draft. Needs rollout:write.',
  })
  updateRollout(
    @Arg('input', () => UpdateRolloutInput, { description: 'What changes.' }) input: UpdateRolloutInput,
    @Ctx() { rollouts }: Context,
  ) {
    return UpdateRollout.success(rollouts.update(input))
  }

  @Mutation(() => DeleteRollout.Result, {
    description:
      'Deletes a rollout that neither runs nor is paused; its key is never used again. Needs rollout:delete.',
  })
  deleteRollout(
    @Arg('input', () => DeleteRolloutInput, { description: 'Which rollout.' }) input: DeleteRolloutInput,
    @Ctx() { rollouts }: Context,
  ) {
    return DeleteRollout.success(rollouts.delete(input))
  }

  @FieldResolver(() => [RolloutStage], { description: 'Its stages, in order.' })
  stages(@Root() { stages, stageIndex }: Rollout): RolloutStage[] {
    return stages.map((stage, index) => ({ ...stage, number: index + 1, isCurrent: index === stageIndex }))
  }

  @FieldResolver(() => [RolloutCheck], { description: 'Its health checks, in order.' })
  healthChecks(@Root() rollout: Rollout): Promise<RolloutCheck[]> {
    return rollout.checks.loadItems()
  }

  @FieldResolver(() => [RolloutTransition], { description: 'The steps that it took, in order, with their evidence.' })
  transitions(@Root() rollout: Rollout): Promise<RolloutTransition[]> {
    return rollout.transitions.loadItems()
  }

  @FieldResolver(() => RolloutTransitionConnection, {
    description: 'The steps among them that the system decided, each with the evidence that it rests on; newest first.',
  })
  decisions(
    @Root() rollout: Rollout,
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Ctx() { rolloutReads }: Context,
  ): Promise<Page<RolloutTransition>> {
    return rolloutReads.decisions(rollout, pageRequest(args))
  }

  @FieldResolver(() => RolloutHealth, {
    nullable: true,
    description: 'How it fares since its present share was set; null before the start.',
  })
  async health(@Root() rollout: Rollout, @Ctx() { rolloutReads }: Context): Promise<RolloutHealth | null> {
    const health = await rolloutReads.health(rollout)
    return health && toRolloutHealth(health, await rollout.checks.loadItems())
  }

  @FieldResolver(() => Experiment, {
    nullable: true,
    description: 'The experiment whose winner it delivers; null if there is none, or it was deleted.',
  })
  async promotedFrom(@Root() rollout: Rollout): Promise<Experiment | null> {
    const experiment = (await rollout.promotedFrom?.load()) ?? null
    return experiment?.deletedAt ? null : experiment
  }
}

@Resolver(() => RolloutCheck)
export class RolloutCheckResolver {
  @FieldResolver(() => Metric, { nullable: true, description: 'The metric that it reads; null for other signals.' })
  async metric(@Root() check: RolloutCheck): Promise<Metric | null> {
    return (await check.metric?.load()) ?? null
  }
}

@Resolver(() => RolloutTransition)
export class RolloutTransitionResolver {
  @FieldResolver(() => String, { description: 'Who took the step: `key:N`, `member:N` or `system`.' })
  actor(@Root() transition: RolloutTransition): string {
    return transition.createdBy
  }

  @FieldResolver(() => Boolean, {
    nullable: true,
    description: 'Whether judging the evidence again gives every number the same, to the bit; null without evidence.',
  })
  isReproduced(@Root() { evidence }: RolloutTransition): boolean | null {
    return evidence ? isReproduced(evidence) : null
  }
}
