import { Field, ObjectType } from 'type-graphql'
import { resultUnion } from '../../shared/errors.graphql.ts'
import { Experiment } from './experiment.entity.ts'
import { Variant } from './variant.entity.ts'

@ObjectType({ description: 'The experiment was created.' })
export class CreateExperimentSuccess {
  @Field(() => Experiment, { description: 'The new draft.' })
  experiment!: Experiment
}
export const CreateExperimentResult = resultUnion('CreateExperiment', CreateExperimentSuccess)

@ObjectType({ description: 'The experiment was copied.' })
export class CloneExperimentSuccess {
  @Field(() => Experiment, { description: 'The new draft.' })
  experiment!: Experiment
}
export const CloneExperimentResult = resultUnion('CloneExperiment', CloneExperimentSuccess)

@ObjectType({ description: 'The variant was added.' })
export class AddVariantSuccess {
  @Field(() => Variant, { description: 'The new variant.' })
  variant!: Variant

  @Field(() => Experiment, { description: 'The experiment after the change.' })
  experiment!: Experiment
}
export const AddVariantResult = resultUnion('AddVariant', AddVariantSuccess)

@ObjectType({ description: 'The variant was changed.' })
export class UpdateVariantSuccess {
  @Field(() => Variant, { description: 'The variant after the change.' })
  variant!: Variant

  @Field(() => Experiment, { description: 'The experiment after the change.' })
  experiment!: Experiment
}
export const UpdateVariantResult = resultUnion('UpdateVariant', UpdateVariantSuccess)

export const UpdateExperiment = changeOf('UpdateExperiment', 'The experiment was changed.')
export const DeleteExperiment = changeOf('DeleteExperiment', 'The experiment is deleted; nothing finds it any more.')
export const StartExperiment = changeOf('StartExperiment', 'The experiment is running.')
export const PauseExperiment = changeOf('PauseExperiment', 'The experiment is paused.')
export const ResumeExperiment = changeOf('ResumeExperiment', 'The experiment is running again.')
export const CompleteExperiment = changeOf('CompleteExperiment', 'The experiment is completed.')
export const CancelExperiment = changeOf('CancelExperiment', 'The experiment is cancelled.')
export const SetExperimentAutomation = changeOf(
  'SetExperimentAutomation',
  'That is what the experiment does by itself.',
)
export const UpdateAllocation = changeOf('UpdateAllocation', 'The allocation holds from now on.')
export const RemoveVariant = changeOf('RemoveVariant', 'The variant was removed.')
export const AddExperimentMetric = changeOf('AddExperimentMetric', 'The metric was added.')
export const UpdateExperimentMetric = changeOf('UpdateExperimentMetric', 'The metric has its new role.')
export const RemoveExperimentMetric = changeOf('RemoveExperimentMetric', 'The metric was removed.')
export const SetOverride = changeOf('SetOverride', 'The unit gets the variant from now on.')
export const RemoveOverride = changeOf('RemoveOverride', 'The unit is assigned like any other again.')

/** A change that answers the experiment and nothing else. */
function changeOf(operation: string, description: string) {
  @ObjectType(`${operation}Success`, { description })
  class Success {
    @Field(() => Experiment, { description: 'The experiment after the change.' })
    experiment!: Experiment
  }

  return {
    Result: resultUnion(operation, Success),
    success: async (experiment: Promise<Experiment>) => Object.assign(new Success(), { experiment: await experiment }),
  }
}
