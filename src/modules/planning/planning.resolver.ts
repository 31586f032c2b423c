import { Arg, Ctx, Query, Resolver } from 'type-graphql'
import type { Viewer } from '../organizations/viewer.ts'
import { planEffect, planPower, planSampleSize } from './plan-design.ts'
import { PlanEffectInput, PlanPowerInput, PlanRunTimeInput, PlanSampleSizeInput } from './planning.inputs.ts'
import type { PlanningService } from './planning.service.ts'
import { EffectPlan, PowerPlan, RunTimePlan, SamplePlan } from './planning.types.ts'

/** What these resolvers take from the context of an operation. */
interface Context {
  viewer: Viewer
  planning: PlanningService
}

@Resolver()
export class PlanningResolver {
  @Query(() => SamplePlan, { description: 'How many units it takes to find an effect. Needs experiment:read.' })
  planSampleSize(
    @Arg('input', () => PlanSampleSizeInput, { description: 'The comparison.' }) input: PlanSampleSizeInput,
    @Ctx() { viewer }: Context,
  ): SamplePlan {
    viewer.assertCan('experiment:read')
    return planSampleSize(input)
  }

  @Query(() => PowerPlan, { description: 'How likely a sample finds an effect. Needs experiment:read.' })
  planPower(
    @Arg('input', () => PlanPowerInput, { description: 'The comparison.' }) input: PlanPowerInput,
    @Ctx() { viewer }: Context,
  ): PowerPlan {
    viewer.assertCan('experiment:read')
    return planPower(input)
  }

  @Query(() => EffectPlan, { description: 'The smallest effect that a sample finds. Needs experiment:read.' })
  planEffect(
    @Arg('input', () => PlanEffectInput, { description: 'The comparison.' }) input: PlanEffectInput,
    @Ctx() { viewer }: Context,
  ): EffectPlan {
    viewer.assertCan('experiment:read')
    return planEffect(input)
  }

  @Query(() => RunTimePlan, { description: 'How many days it takes to find an effect. Needs experiment:read.' })
  planRunTime(
    @Arg('input', () => PlanRunTimeInput, { description: 'The comparison, and the traffic.' }) input: PlanRunTimeInput,
    @Ctx() { planning }: Context,
  ): Promise<RunTimePlan> {
    return planning.runTime(input)
  }
}
