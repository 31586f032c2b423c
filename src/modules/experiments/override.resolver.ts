import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql'
import { RemoveOverride, SetOverride } from './experiment.payloads.ts'
import { Override } from './override.entity.ts'
import { RemoveOverrideInput, SetOverrideInput } from './override.inputs.ts'
import type { OverrideService } from './override.service.ts'
import { Variant } from './variant.entity.ts'

/** What these resolvers take from the context of an operation. */
interface Context {
  overrides: OverrideService
}

@Resolver(() => Override)
export class OverrideResolver {
  @Mutation(() => SetOverride.Result, {
    description: 'Forces a unit into a variant, for checking by hand; it is never analysed. Needs experiment:write.',
  })
  setOverride(
    @Arg('input', () => SetOverrideInput, { description: 'The unit and its variant.' }) input: SetOverrideInput,
    @Ctx() { overrides }: Context,
  ) {
    return SetOverride.success(overrides.set(input))
  }

  @Mutation(() => RemoveOverride.Result, {
    description:
      'Lets a unit be assigned like any other again; what it met while overridden keeps it out of the analysis. Needs experiment:write.',
  })
  removeOverride(
    @Arg('input', () => RemoveOverrideInput, { description: 'Which unit.' }) input: RemoveOverrideInput,
    @Ctx() { overrides }: Context,
  ) {
    return RemoveOverride.success(overrides.remove(input))
  }

  @FieldResolver(() => Variant, { description: 'The variant it gets.' })
  variant(@Root() override: Override): Promise<Variant> {
    return override.variant.loadOrFail()
  }
}
