import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql'
import { Experiment } from './experiment.entity.ts'
import {
  AddVariantResult,
  AddVariantSuccess,
  RemoveVariant,
  UpdateVariantResult,
  UpdateVariantSuccess,
} from './experiment.payloads.ts'
import { Variant } from './variant.entity.ts'
import { AddVariantInput, RemoveVariantInput, UpdateVariantInput } from './variant.inputs.ts'
import type { VariantService } from './variant.service.ts'

/** What these resolvers take from the context of an operation. */
interface Context {
  variants: VariantService
}

@Resolver(() => Variant)
export class VariantResolver {
  @Mutation(() => AddVariantResult, { description: 'Adds a variant to a draft. Needs experiment:write.' })
  async addVariant(
    @Arg('input', () => AddVariantInput, { description: 'The variant, and to which experiment.' })
    input: AddVariantInput,
    @Ctx() { variants }: Context,
  ) {
    return Object.assign(new AddVariantSuccess(), await variants.add(input))
  }

  @Mutation(() => UpdateVariantResult, {
    description: 'Changes the texts of a variant at any time, the rest in a draft. Needs experiment:write.',
  })
  async updateVariant(
    @Arg('input', () => UpdateVariantInput, { description: 'What changes.' }) input: UpdateVariantInput,
    @Ctx() { variants }: Context,
  ) {
    return Object.assign(new UpdateVariantSuccess(), await variants.update(input))
  }

  @Mutation(() => RemoveVariant.Result, {
    description: 'Takes a variant out of a draft, with the overrides into it. Needs experiment:write.',
  })
  removeVariant(
    @Arg('input', () => RemoveVariantInput, { description: 'Which variant.' }) input: RemoveVariantInput,
    @Ctx() { variants }: Context,
  ) {
    return RemoveVariant.success(variants.remove(input))
  }

  @FieldResolver(() => Experiment, { description: 'The experiment that it belongs to.' })
  experiment(@Root() variant: Variant): Promise<Experiment> {
    return variant.experiment.loadOrFail()
  }
}
