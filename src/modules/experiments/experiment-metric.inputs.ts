import { Field, InputType } from 'type-graphql'
import { type MetricRole, MetricRoleEnum } from './experiment.enums.ts'
import { ExperimentKeyInput } from './experiment-key.input.ts'

@InputType({ description: 'A metric in its role for an experiment.' })
export class ExperimentMetricInput {
  @Field(() => String, { description: 'Key of the metric.' })
  metricKey!: string

  @Field(() => MetricRoleEnum, { description: 'What it is for.' })
  role!: MetricRole
}

@InputType({ description: 'A metric for a draft.' })
export class AddExperimentMetricInput extends ExperimentKeyInput {
  @Field(() => String, { description: 'Key of the metric.' })
  metricKey!: string

  @Field(() => MetricRoleEnum, { description: 'What it is for.' })
  role!: MetricRole
}

@InputType({ description: 'Another role for a metric of a draft.' })
export class UpdateExperimentMetricInput extends ExperimentKeyInput {
  @Field(() => String, { description: 'Key of the metric.' })
  metricKey!: string

  @Field(() => MetricRoleEnum, { description: 'What it is for from now on.' })
  role!: MetricRole
}

@InputType({ description: 'A metric to take out of a draft.' })
export class RemoveExperimentMetricInput extends ExperimentKeyInput {
  @Field(() => String, { description: 'Key of the metric.' })
  metricKey!: string
}
