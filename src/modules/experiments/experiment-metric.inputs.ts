import { Field, InputType } from 'type-graphql'
import { type MetricRole, MetricRoleEnum } from './experiment.enums.ts'
import { ExperimentKeyInput } from './experiment-key.input.ts'
import { NonInferiorityMarginInput } from './non-inferiority-margin.type.ts'

@InputType({ description: 'A metric in its role for an experiment.' })
export class ExperimentMetricInput {
  @Field(() => String, { description: 'Key of the metric.' })
  metricKey!: string

  @Field(() => MetricRoleEnum, { description: 'What it is for.' })
  role!: MetricRole

  @Field(() => NonInferiorityMarginInput, {
    nullable: true,
    description: 'How much worse a treatment may be on it; nothing is said about it unless told.',
  })
  nonInferiorityMargin?: NonInferiorityMarginInput | null
}

@InputType({ description: 'A metric for a draft.' })
export class AddExperimentMetricInput extends ExperimentKeyInput {
  @Field(() => String, { description: 'Key of the metric.' })
  metricKey!: string

  @Field(() => MetricRoleEnum, { description: 'What it is for.' })
  role!: MetricRole

  @Field(() => NonInferiorityMarginInput, {
    nullable: true,
    description: 'How much worse a treatment may be on it; nothing is said about it unless told.',
  })
  nonInferiorityMargin?: NonInferiorityMarginInput | null
}

@InputType({ description: 'Another role or margin for a metric of a draft.' })
export class UpdateExperimentMetricInput extends ExperimentKeyInput {
  @Field(() => String, { description: 'Key of the metric.' })
  metricKey!: string

  @Field(() => MetricRoleEnum, { nullable: true, description: 'What it is for from now on; the same unless told.' })
  role?: MetricRole | null

  @Field(() => NonInferiorityMarginInput, {
    nullable: true,
    description: 'How much worse a treatment may be on it; the same unless told, none for null.',
  })
  nonInferiorityMargin?: NonInferiorityMarginInput | null
}

@InputType({ description: 'A metric to take out of a draft.' })
export class RemoveExperimentMetricInput extends ExperimentKeyInput {
  @Field(() => String, { description: 'Key of the metric.' })
  metricKey!: string
}
