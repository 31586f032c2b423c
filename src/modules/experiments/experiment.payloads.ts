import { Field, ObjectType } from 'type-graphql'
import { resultUnion } from '../../shared/errors.graphql.ts'
import { Experiment } from './experiment.entity.ts'

@ObjectType({ description: 'The experiment was created.' })
export class CreateExperimentSuccess {
  @Field(() => Experiment, { description: 'The new draft.' })
  experiment!: Experiment
}

@ObjectType({ description: 'The experiment is running.' })
export class StartExperimentSuccess {
  @Field(() => Experiment, { description: 'The experiment after the step.' })
  experiment!: Experiment
}

export const CreateExperimentResult = resultUnion('CreateExperiment', CreateExperimentSuccess)
export const StartExperimentResult = resultUnion('StartExperiment', StartExperimentSuccess)
