import { Field, InputType, Int } from 'type-graphql'
import { JsonObjectScalar } from '../../shared/scalars.ts'
import { AnalysisInput } from './analysis.inputs.ts'
import { type AssignmentAlgorithm, AssignmentAlgorithmEnum } from './experiment.enums.ts'
import { ExperimentKeyInput } from './experiment-key.input.ts'
import { ExperimentMetricInput } from './experiment-metric.inputs.ts'
import { VariantInput } from './variant.inputs.ts'

@InputType({ description: 'A new experiment, as a draft.' })
export class CreateExperimentInput {
  @Field(() => String, {
    description: '1 to 64 characters of A-Z a-z 0-9 . _ -, unique in the organization, never reused.',
  })
  key!: string

  @Field(() => String, { description: 'Name for people, 1 to 200 characters.' })
  name!: string

  @Field(() => String, { nullable: true, description: 'What is expected to happen, and why; up to 5,000 characters.' })
  hypothesis?: string | null

  @Field(() => String, { nullable: true, description: 'Anything else worth knowing; up to 5,000 characters.' })
  description?: string | null

  @Field(() => [String], { nullable: true, description: 'Up to 20 different labels of 1 to 64 characters.' })
  tags?: string[] | null

  @Field(() => String, { nullable: true, description: 'What is randomized, 1 to 64 characters; `user` unless told.' })
  unitType?: string | null

  @Field(() => AssignmentAlgorithmEnum, {
    nullable: true,
    description: 'How units get their variant; HASH unless told.',
  })
  assignmentAlgorithm?: AssignmentAlgorithm | null

  @Field(() => Int, {
    nullable: true,
    description: 'Share of units enrolled, 0 to 10,000 basis points; everyone unless told.',
  })
  trafficBasisPoints?: number | null

  @Field(() => JsonObjectScalar, {
    nullable: true,
    description: "Who is enrolled: one condition in GrowthBook's language; everyone unless told.",
  })
  targeting?: Record<string, unknown> | null

  @Field(() => JsonObjectScalar, {
    nullable: true,
    description: "JSON Schema that every variant's config must satisfy.",
  })
  configSchema?: Record<string, unknown> | null

  @Field(() => String, { nullable: true, description: 'IANA time zone in which days are counted; UTC unless told.' })
  timeZone?: string | null

  @Field(() => Boolean, { nullable: true, description: 'Whether SDKs may decide by themselves; not unless told.' })
  localEvaluation?: boolean | null

  @Field(() => Int, { nullable: true, description: 'How long it is planned to run, 1 to 730 days.' })
  plannedDurationDays?: number | null

  @Field(() => AnalysisInput, { nullable: true, description: 'How it is judged.' })
  analysis?: AnalysisInput | null

  @Field(() => [VariantInput], {
    nullable: true,
    description: 'Its variants, in order; more can be added while it is a draft.',
  })
  variants?: VariantInput[] | null

  @Field(() => [ExperimentMetricInput], {
    nullable: true,
    description: 'Its metrics; more can be added while it is a draft.',
  })
  metrics?: ExperimentMetricInput[] | null
}

@InputType({
  description:
    'Changes to an experiment; what is left out stays as it is. Texts, tags and the planned duration change at any time, the rest only in a draft.',
})
export class UpdateExperimentInput extends ExperimentKeyInput {
  @Field(() => String, { nullable: true, description: 'Name for people, 1 to 200 characters.' })
  name?: string | null

  @Field(() => String, { nullable: true, description: 'What is expected to happen, and why; null clears it.' })
  hypothesis?: string | null

  @Field(() => String, { nullable: true, description: 'Anything else worth knowing; null clears it.' })
  description?: string | null

  @Field(() => [String], {
    nullable: true,
    description: 'Up to 20 different labels of 1 to 64 characters, instead of the present ones.',
  })
  tags?: string[] | null

  @Field(() => Int, {
    nullable: true,
    description: 'How long it is planned to run, 1 to 730 days; null clears it.',
  })
  plannedDurationDays?: number | null

  @Field(() => String, { nullable: true, description: 'Only in a draft: what is randomized.' })
  unitType?: string | null

  @Field(() => AssignmentAlgorithmEnum, {
    nullable: true,
    description: 'Only in a draft: how units get their variant.',
  })
  assignmentAlgorithm?: AssignmentAlgorithm | null

  @Field(() => JsonObjectScalar, {
    nullable: true,
    description: "Only in a draft: JSON Schema that every variant's config must satisfy; null clears it.",
  })
  configSchema?: Record<string, unknown> | null

  @Field(() => String, { nullable: true, description: 'Only in a draft: IANA time zone in which days are counted.' })
  timeZone?: string | null

  @Field(() => Boolean, { nullable: true, description: 'Only in a draft: whether SDKs may decide by themselves.' })
  localEvaluation?: boolean | null

  @Field(() => AnalysisInput, {
    nullable: true,
    description: 'Only in a draft: parts of the analysis plan; a part that is null goes back to its default.',
  })
  analysis?: AnalysisInput | null
}

@InputType({ description: 'A new draft with the design of another experiment.' })
export class CloneExperimentInput extends ExperimentKeyInput {
  @Field(() => String, { description: 'Key of the new experiment: 1 to 64 characters of A-Z a-z 0-9 . _ -.' })
  key!: string

  @Field(() => String, { nullable: true, description: 'Its name, 1 to 200 characters; that of the other unless told.' })
  name?: string | null

  @Field(() => String, {
    nullable: true,
    description: 'What is expected this time, and why; as with the other unless told, null for none.',
  })
  hypothesis?: string | null

  @Field(() => String, {
    nullable: true,
    description: 'Anything else worth knowing; as with the other unless told, null for none.',
  })
  description?: string | null

  @Field(() => [String], { nullable: true, description: 'Its labels; those of the other unless told.' })
  tags?: string[] | null
}

@InputType({ description: 'Which experiment to delete.' })
export class DeleteExperimentInput extends ExperimentKeyInput {}
