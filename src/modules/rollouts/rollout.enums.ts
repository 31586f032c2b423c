import { registerEnumType } from 'type-graphql'
import type { RolloutReason } from './decide-rollout.ts'
import type { CheckStatus, FailureAction, HealthComparison, HealthSignal, RolloutArm } from './health-check.ts'
import type { HealthVerdict, RampAction } from './ramp-schedule.ts'
import type { RolloutStatus } from './rollout-status.ts'

type Names<T extends string> = { [Name in T]: Name }

export const RolloutStatusEnum: Names<RolloutStatus> = {
  DRAFT: 'DRAFT',
  RUNNING: 'RUNNING',
  PAUSED: 'PAUSED',
  COMPLETED: 'COMPLETED',
  ROLLED_BACK: 'ROLLED_BACK',
}
registerEnumType(RolloutStatusEnum, {
  name: 'RolloutStatus',
  description: 'Where a rollout stands in its life.',
  valuesConfig: {
    DRAFT: { description: 'Being planned; no unit is on the new version.' },
    RUNNING: { description: 'Ramping: each due stage comes if the health checks pass.' },
    PAUSED: { description: 'Units keep what they have; no stage comes.' },
    COMPLETED: { description: 'Everybody is on the new version; final.' },
    ROLLED_BACK: { description: 'Nobody is on the new version any more; final.' },
  },
})

export const HealthSignalEnum: Names<HealthSignal> = {
  ERROR_RATE: 'ERROR_RATE',
  LATENCY: 'LATENCY',
  QUALITY: 'QUALITY',
  METRIC: 'METRIC',
}
registerEnumType(HealthSignalEnum, {
  name: 'HealthSignal',
  description: 'What a health check looks at.',
  valuesConfig: {
    ERROR_RATE: { description: 'Errors per request, 0 to 1; from reportRolloutHealth.' },
    LATENCY: { description: 'Milliseconds a request takes; from reportRolloutHealth.' },
    QUALITY: { description: 'Score from 0 to 1, such as accuracy; higher is better. From reportRolloutHealth.' },
    METRIC: { description: 'A metric of the organization, over the units of recordRolloutExposures and their events.' },
  },
})

export const HealthComparisonEnum: Names<HealthComparison> = { THRESHOLD: 'THRESHOLD', CONTROL: 'CONTROL' }
registerEnumType(HealthComparisonEnum, {
  name: 'HealthComparison',
  description: 'What a health check holds its signal against.',
  valuesConfig: {
    THRESHOLD: { description: 'A fixed limit: fails when an always-valid one-sided bound lies beyond it.' },
    CONTROL: {
      description:
        'The units not yet on the new version, at the same time: fails when the signal is shown worse by more than the limit. Does not apply while everybody is on the new version.',
    },
  },
})

export const FailureActionEnum: Names<FailureAction> = { ROLL_BACK: 'ROLL_BACK', PAUSE: 'PAUSE' }
registerEnumType(FailureActionEnum, {
  name: 'FailureAction',
  description: 'What a failing health check does at once.',
  valuesConfig: {
    ROLL_BACK: { description: 'Takes everybody off the new version.' },
    PAUSE: { description: 'Leaves units where they are and waits for a person.' },
  },
})

export const RolloutArmEnum: Names<RolloutArm> = { TREATMENT: 'TREATMENT', CONTROL: 'CONTROL' }
registerEnumType(RolloutArmEnum, {
  name: 'RolloutArm',
  description: 'On which version something happened.',
  valuesConfig: {
    TREATMENT: { description: 'On the new version.' },
    CONTROL: { description: 'Not on the new version yet.' },
  },
})

export const CheckStatusEnum: Names<CheckStatus> = {
  PASSED: 'PASSED',
  FAILED: 'FAILED',
  NO_DATA: 'NO_DATA',
  STALE: 'STALE',
  TOO_FEW_SAMPLES: 'TOO_FEW_SAMPLES',
  BEYOND_LIMIT: 'BEYOND_LIMIT',
  NOT_APPLICABLE: 'NOT_APPLICABLE',
}
registerEnumType(CheckStatusEnum, {
  name: 'HealthCheckStatus',
  description: 'What a health check says. Everything but PASSED, NOT_APPLICABLE and FAILED holds the stage.',
  valuesConfig: {
    PASSED: { description: 'Enough fresh samples, and nothing wrong with them.' },
    FAILED: { description: 'Shown to be worse than allowed.' },
    NO_DATA: { description: 'No sample since the stage began.' },
    STALE: { description: 'The newest sample is too old to say anything about now.' },
    TOO_FEW_SAMPLES: { description: 'Fewer samples than the check asks for.' },
    BEYOND_LIMIT: { description: 'The estimate lies beyond the threshold, but that may be chance.' },
    NOT_APPLICABLE: { description: 'Everybody is on the new version, so that there is no control.' },
  },
})

export const VerdictStatusEnum: Names<HealthVerdict['status']> = { PASSED: 'PASSED', HELD: 'HELD', FAILED: 'FAILED' }
registerEnumType(VerdictStatusEnum, {
  name: 'RolloutVerdict',
  description: 'What the health checks say together.',
  valuesConfig: {
    PASSED: { description: 'Every check passes; a due stage advances.' },
    HELD: { description: 'Nothing is shown to be wrong, but the stage does not advance.' },
    FAILED: { description: 'A check failed.' },
  },
})

export const RampActionEnum: Names<RampAction> = {
  STARTED: 'STARTED',
  STAGE_ENTERED: 'STAGE_ENTERED',
  STAGE_SKIPPED: 'STAGE_SKIPPED',
  SHARE_SET: 'SHARE_SET',
  PAUSED: 'PAUSED',
  RESUMED: 'RESUMED',
  COMPLETED: 'COMPLETED',
  ROLLED_BACK: 'ROLLED_BACK',
}
registerEnumType(RampActionEnum, {
  name: 'RolloutAction',
  description: 'One step of a ramp.',
  valuesConfig: {
    STARTED: { description: 'The first stage began.' },
    STAGE_ENTERED: { description: 'The next stage came when it was due and healthy.' },
    STAGE_SKIPPED: { description: 'A person went on to the next stage.' },
    SHARE_SET: { description: 'A person set the share.' },
    PAUSED: { description: 'It was paused.' },
    RESUMED: { description: 'It went on; the stage began again.' },
    COMPLETED: { description: 'Everybody got the new version.' },
    ROLLED_BACK: { description: 'Everybody was taken off the new version.' },
  },
})

export const RolloutReasonEnum: Names<RolloutReason> = {
  NOT_STARTED: 'NOT_STARTED',
  ROLLED_BACK: 'ROLLED_BACK',
  TARGETING: 'TARGETING',
  COMPLETED: 'COMPLETED',
  IN_SHARE: 'IN_SHARE',
  NOT_YET: 'NOT_YET',
}
registerEnumType(RolloutReasonEnum, {
  name: 'RolloutReason',
  description: 'Why a unit is on the new version, or not; the first that applies, in this order.',
  valuesConfig: {
    NOT_STARTED: { description: 'Not: the rollout is a draft.' },
    ROLLED_BACK: { description: 'Not: everybody was taken off.' },
    TARGETING: { description: 'Not: the attributes do not meet the targeting condition.' },
    COMPLETED: { description: 'On it: the rollout is complete.' },
    IN_SHARE: { description: 'On it: the unit is inside the present share, and stays so while the share grows.' },
    NOT_YET: { description: 'Not: the unit is outside the present share.' },
  },
})
