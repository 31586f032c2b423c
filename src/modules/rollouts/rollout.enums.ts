import { describedEnum } from '../../shared/described-enum.ts'
import type { RolloutReason } from './decide-rollout.ts'
import type { CheckStatus, FailureAction, HealthComparison, HealthSignal, RolloutArm } from './health-check.ts'
import type { HealthVerdict, RampAction } from './ramp-schedule.ts'
import type { RolloutStatus } from './rollout-status.ts'

export const RolloutStatusEnum = describedEnum<RolloutStatus>('RolloutStatus', 'Where a rollout stands in its life.', {
  DRAFT: 'Being planned; no unit is on the new version.',
  RUNNING: 'Ramping: each due stage comes if the health checks pass.',
  PAUSED: 'Units keep what they have; no stage comes.',
  COMPLETED: 'Everybody is on the new version; final.',
  ROLLED_BACK: 'Nobody is on the new version any more; final.',
})

export const HealthSignalEnum = describedEnum<HealthSignal>('HealthSignal', 'What a health check looks at.', {
  ERROR_RATE: 'Errors per request, 0 to 1; from reportRolloutHealth.',
  LATENCY: 'Milliseconds a request takes; from reportRolloutHealth.',
  QUALITY: 'Score from 0 to 1, such as accuracy; higher is better. From reportRolloutHealth.',
  METRIC: 'A metric of the organization, over the units of recordRolloutExposures and their events.',
})

export const HealthComparisonEnum = describedEnum<HealthComparison>(
  'HealthComparison',
  'What a health check holds its signal against.',
  {
    THRESHOLD: 'A fixed limit: fails when an always-valid one-sided bound lies beyond it.',
    CONTROL:
      'The units not yet on the new version, at the same time: fails when the signal is shown worse by more than the limit. Does not apply while everybody is on the new version.',
  },
)

export const FailureActionEnum = describedEnum<FailureAction>(
  'FailureAction',
  'What a failing health check does at once.',
  {
    ROLL_BACK: 'Takes everybody off the new version.',
    PAUSE: 'Leaves units where they are and waits for a person.',
  },
)

export const RolloutArmEnum = describedEnum<RolloutArm>('RolloutArm', 'On which version something happened.', {
  TREATMENT: 'On the new version.',
  CONTROL: 'Not on the new version yet.',
})

export const CheckStatusEnum = describedEnum<CheckStatus>(
  'HealthCheckStatus',
  'What a health check says. Everything but PASSED, NOT_APPLICABLE and FAILED holds the stage.',
  {
    PASSED: 'Enough fresh samples, and nothing wrong with them.',
    FAILED: 'Shown to be worse than allowed.',
    NO_DATA: 'No sample of the signal since the stage began, in an arm that the check looks at.',
    STALE: 'The newest sample of the signal, in an arm that the check looks at, is too old to say anything about now.',
    TOO_FEW_SAMPLES: 'Fewer samples than the check asks for.',
    BEYOND_LIMIT: 'The estimate lies beyond the threshold, but that may be chance.',
    NOT_APPLICABLE: 'Everybody is on the new version, so that there is no control.',
  },
)

export const VerdictStatusEnum = describedEnum<HealthVerdict['status']>(
  'RolloutVerdict',
  'What the health checks say together.',
  {
    PASSED: 'Every check passes; a due stage advances.',
    HELD: 'Nothing is shown to be wrong, but the stage does not advance.',
    FAILED: 'A check failed.',
  },
)

export const RampActionEnum = describedEnum<RampAction>('RolloutAction', 'One step of a ramp.', {
  STARTED: 'The first stage began.',
  STAGE_ENTERED: 'The next stage came when it was due and healthy.',
  STAGE_SKIPPED: 'A person went on to the next stage.',
  SHARE_SET: 'A person set the share.',
  PAUSED: 'It was paused.',
  RESUMED: 'It went on; the stage began again.',
  COMPLETED: 'Everybody got the new version.',
  ROLLED_BACK: 'Everybody was taken off the new version.',
})

export const RolloutReasonEnum = describedEnum<RolloutReason>(
  'RolloutReason',
  'Why a unit is on the new version, or not; the first that applies, in this order.',
  {
    NOT_STARTED: 'Not: the rollout is a draft.',
    ROLLED_BACK: 'Not: everybody was taken off.',
    TARGETING: 'Not: the attributes do not meet the targeting condition.',
    COMPLETED: 'On it: the rollout is complete.',
    IN_SHARE: 'On it: the unit is inside the present share, and stays so while the share grows.',
    NOT_YET: 'Not: the unit is outside the present share.',
  },
)
