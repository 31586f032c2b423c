import { Field, Float, InputType, Int, registerEnumType } from 'type-graphql'
import { DateTimeScalar, JsonObjectScalar } from '../../shared/scalars.ts'
import type { DecisionMethod } from './analysis-plan.ts'
import {
  type AssignmentAlgorithm,
  AssignmentAlgorithmEnum,
  type MetricRole,
  MetricRoleEnum,
} from './experiment.enums.ts'

export const DecisionMethodEnum = { ALWAYS_VALID: 'ALWAYS_VALID', FIXED_HORIZON: 'FIXED_HORIZON' } as const

registerEnumType(DecisionMethodEnum, {
  name: 'DecisionMethod',
  description: 'Which test gives the verdict.',
  valuesConfig: {
    ALWAYS_VALID: { description: 'The confidence sequence: right however often someone looks.' },
    FIXED_HORIZON: { description: 'The classical test: right at exactly one look, planned beforehand.' },
  },
})

@InputType({ description: 'A variant of a new experiment.' })
export class VariantInput {
  @Field(() => String, { description: '1 to 64 characters of A-Z a-z 0-9 . _ -, unique in the experiment.' })
  key!: string

  @Field(() => String, { nullable: true, description: 'Name for people; the key unless told.' })
  name?: string | null

  @Field(() => String, { nullable: true, description: 'What units see or get.' })
  description?: string | null

  @Field(() => Boolean, { defaultValue: false, description: 'Whether the others are compared with it.' })
  isControl!: boolean

  @Field(() => Int, { description: 'Share of the enrolled units, 0 to 10,000 basis points.' })
  weightBasisPoints!: number

  @Field(() => JsonObjectScalar, {
    nullable: true,
    description: 'What the application reads to behave as this variant.',
  })
  config?: Record<string, unknown> | null
}

@InputType({ description: 'A metric in its role for an experiment.' })
export class ExperimentMetricInput {
  @Field(() => String, { description: 'Key of the metric.' })
  metricKey!: string

  @Field(() => MetricRoleEnum, { description: 'What it is for.' })
  role!: MetricRole
}

@InputType({ description: 'How the experiment is judged; frozen when it starts.' })
export class AnalysisInput {
  @Field(() => DecisionMethodEnum, {
    nullable: true,
    description: 'Which test gives the verdict; ALWAYS_VALID unless told.',
  })
  decisionMethod?: DecisionMethod | null

  @Field(() => Float, { nullable: true, description: 'Two-sided significance level, 0.0001 to 0.5; 0.05 unless told.' })
  alpha?: number | null

  @Field(() => Int, {
    nullable: true,
    description: 'Exposed units each variant needs before a verdict; 100 unless told.',
  })
  minimumSampleSize?: number | null

  @Field(() => Int, {
    nullable: true,
    description:
      'Planned units of all variants together; tunes the confidence sequence (10,000 without it) and progress.',
  })
  plannedSampleSize?: number | null

  @Field(() => Float, {
    nullable: true,
    description: "Smallest absolute difference worth having, in the primary metric's unit; any unless told.",
  })
  minimumDetectableEffect?: number | null
}

@InputType({ description: 'A new experiment, as a draft.' })
export class CreateExperimentInput {
  @Field(() => String, {
    description: '1 to 64 characters of A-Z a-z 0-9 . _ -, unique in the organization, never reused.',
  })
  key!: string

  @Field(() => String, { description: 'Name for people, 1 to 200 characters.' })
  name!: string

  @Field(() => String, { nullable: true, description: 'What is expected to happen, and why.' })
  hypothesis?: string | null

  @Field(() => String, { nullable: true, description: 'Anything else worth knowing.' })
  description?: string | null

  @Field(() => [String], { nullable: true, description: 'Labels, up to 20.' })
  tags?: string[] | null

  @Field(() => String, { nullable: true, description: 'What is randomized; `user` unless told.' })
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

@InputType({ description: 'Which experiment.' })
export class ExperimentKeyInput {
  @Field(() => String, { description: 'Key of the experiment.' })
  experimentKey!: string

  @Field(() => Int, {
    nullable: true,
    description: 'The version that the caller looked at; the step is refused if it has changed since.',
  })
  expectedVersion?: number | null
}

@InputType({ description: 'Which experiment to start, and since when.' })
export class StartExperimentInput extends ExperimentKeyInput {
  @Field(() => DateTimeScalar, {
    nullable: true,
    description:
      'A time in the past, for an experiment that ran elsewhere and is imported; now unless told. Needs exposure:import.',
  })
  startedAt?: Date | null
}
