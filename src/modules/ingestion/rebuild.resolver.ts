import { Arg, Ctx, Mutation, Resolver } from 'type-graphql'
import type { ExperimentReadModel } from '../experiments/experiment.read-model.ts'
import type { Viewer } from '../organizations/viewer.ts'
import type { AggregateRebuild } from './aggregate-rebuild.ts'
import { RebuildExperimentInput, RebuildExperimentResult, RebuildExperimentSuccess } from './rebuild.types.ts'

/** What this resolver takes from the context of an operation. */
interface Context {
  rebuild: AggregateRebuild
  experimentReads: ExperimentReadModel
  viewer: Viewer
}

@Resolver()
export class RebuildResolver {
  @Mutation(() => RebuildExperimentResult, {
    description:
      'Recomputes all that is derived for a started experiment from its exposures and the log of events, and reports what differed. Nothing is taken in for the organization meanwhile. Needs experiment:rebuild.',
  })
  async rebuildExperiment(
    @Arg('input', () => RebuildExperimentInput, { description: 'Which experiment.' }) input: RebuildExperimentInput,
    @Ctx() { rebuild, experimentReads, viewer }: Context,
  ) {
    const checks = await rebuild.run(viewer, input.experimentKey)
    const experiment = await experimentReads.byKey(input.experimentKey)
    return Object.assign(new RebuildExperimentSuccess(), { experiment, checks })
  }
}
