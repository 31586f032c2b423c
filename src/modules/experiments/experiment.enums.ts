import { describedEnum } from '../../shared/described-enum.ts'

export const ExperimentStatusEnum = describedEnum('ExperimentStatus', 'Where an experiment stands in its life.', {
  DRAFT: 'Being designed; nobody is assigned.',
  RUNNING: 'Units are assigned and counted.',
  PAUSED: 'Nobody new is assigned; assigned units keep their variant and count.',
  COMPLETED: 'Ended with a result; final.',
  CANCELLED: 'Ended without a result; final.',
})

export type AssignmentAlgorithm = 'HASH' | 'RANDOM' | 'THOMPSON'

export const AssignmentAlgorithmEnum = describedEnum('AssignmentAlgorithm', 'How units get their variant.', {
  HASH: 'By the hash of seed and unit id (GrowthBook hash version 2): the same everywhere, always.',
  RANDOM: 'By weighted chance at the first call; remembered after.',
  THOMPSON: 'By each variant’s probability of being best by the primary metric so far, at least 1 % each.',
})

export type MetricRole = 'PRIMARY' | 'SECONDARY' | 'GUARDRAIL'

export const MetricRoleEnum = describedEnum('MetricRole', 'What a metric is for in an experiment.', {
  PRIMARY: 'Decides the experiment.',
  SECONDARY: 'Explains the result.',
  GUARDRAIL: 'Must not get worse.',
})
