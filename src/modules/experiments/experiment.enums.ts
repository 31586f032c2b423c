import { registerEnumType } from 'type-graphql'

export const ExperimentStatusEnum = {
  DRAFT: 'DRAFT',
  RUNNING: 'RUNNING',
  PAUSED: 'PAUSED',
  COMPLETED: 'COMPLETED',
  CANCELLED: 'CANCELLED',
} as const

registerEnumType(ExperimentStatusEnum, {
  name: 'ExperimentStatus',
  description: 'Where an experiment stands in its life.',
  valuesConfig: {
    DRAFT: { description: 'Being designed; nobody is assigned.' },
    RUNNING: { description: 'Units are assigned and counted.' },
    PAUSED: { description: 'Nobody new is assigned; assigned units keep their variant and count.' },
    COMPLETED: { description: 'Ended with a result; final.' },
    CANCELLED: { description: 'Ended without a result; final.' },
  },
})

export type AssignmentAlgorithm = 'HASH' | 'RANDOM' | 'THOMPSON'

export const AssignmentAlgorithmEnum = { HASH: 'HASH', RANDOM: 'RANDOM', THOMPSON: 'THOMPSON' } as const

registerEnumType(AssignmentAlgorithmEnum, {
  name: 'AssignmentAlgorithm',
  description: 'How units get their variant.',
  valuesConfig: {
    HASH: { description: 'By the hash of seed and unit id (GrowthBook hash version 2): the same everywhere, always.' },
    RANDOM: { description: 'By weighted chance at the first call; remembered after.' },
    THOMPSON: {
      description: 'By each variant’s probability of being best by the primary metric so far, at least 1 % each.',
    },
  },
})

export type MetricRole = 'PRIMARY' | 'SECONDARY' | 'GUARDRAIL'

export const MetricRoleEnum = { PRIMARY: 'PRIMARY', SECONDARY: 'SECONDARY', GUARDRAIL: 'GUARDRAIL' } as const

registerEnumType(MetricRoleEnum, {
  name: 'MetricRole',
  description: 'What a metric is for in an experiment.',
  valuesConfig: {
    PRIMARY: { description: 'Decides the experiment.' },
    SECONDARY: { description: 'Explains the result.' },
    GUARDRAIL: { description: 'Must not get worse.' },
  },
})
