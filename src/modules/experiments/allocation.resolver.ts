import { Arg, Ctx, Field, FieldResolver, Int, Mutation, ObjectType, Resolver, Root } from 'type-graphql'
import { UpdateAllocationInput } from './allocation.inputs.ts'
import type { AllocationService } from './allocation.service.ts'
import { AllocationEpoch } from './allocation-epoch.entity.ts'
import { UpdateAllocation } from './experiment.payloads.ts'
import { Variant } from './variant.entity.ts'

@ObjectType({ description: 'The weight of one variant in an epoch.' })
export class VariantWeight {
  @Field(() => Variant, { description: 'The variant.' })
  variant!: Variant

  @Field(() => Int, { description: 'Its share of the enrolled units, in basis points.' })
  weightBasisPoints!: number
}

@Resolver(() => AllocationEpoch)
export class AllocationResolver {
  @Mutation(() => UpdateAllocation.Result, {
    description:
      'Changes traffic, weights and targeting until the experiment ends; while it runs or is paused this opens an allocation epoch. Needs experiment:write.',
  })
  updateAllocation(
    @Arg('input', () => UpdateAllocationInput, { description: 'What changes.' }) input: UpdateAllocationInput,
    @Ctx() { allocations }: { allocations: AllocationService },
  ) {
    return UpdateAllocation.success(allocations.update(input))
  }

  @FieldResolver(() => [VariantWeight], { description: 'The weights of that time, in the order of the variants.' })
  async weights(@Root() epoch: AllocationEpoch): Promise<VariantWeight[]> {
    const experiment = await epoch.experiment.loadOrFail()
    const variants = await experiment.variants.loadItems()
    return variants.map((variant) => ({ variant, weightBasisPoints: epoch.weights[variant.id] ?? 0 }))
  }
}
