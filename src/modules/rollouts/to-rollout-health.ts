import type { RolloutHealthState } from './health.read-model.ts'
import type { ArmHealthSums } from './health.store.ts'
import type { ArmHealth, RolloutHealth } from './rollout.types.ts'
import type { RolloutCheck } from './rollout-check.entity.ts'

/** The health of a rollout as the graph shows it. */
export function toRolloutHealth(
  { window, look, watched, assessment, arms }: RolloutHealthState,
  checks: readonly RolloutCheck[],
): RolloutHealth {
  return {
    windowNumber: window.number,
    startedAt: window.startedAt,
    assessedAt: look.now,
    verdict: assessment.verdict.status,
    checks: assessment.checks.map((each, index) => ({
      ...each,
      check: checks[index]!,
      newestAt: watched[index]!.data.newestAt,
    })),
    arms: [...arms.values()].map(toArmHealth),
  }
}

function toArmHealth({ arm, requests, errors, latency, quality, percentiles, newestAt }: ArmHealthSums): ArmHealth {
  const mean = ({ count, sum }: { count: number; sum: number }) => (count > 0 ? sum / count : null)
  return {
    arm,
    requests,
    errorRate: requests > 0 ? errors / requests : null,
    meanLatencyMs: mean(latency),
    p50LatencyMs: percentiles?.p50 ?? null,
    p95LatencyMs: percentiles?.p95 ?? null,
    p99LatencyMs: percentiles?.p99 ?? null,
    meanQuality: mean(quality),
    newestAt,
  }
}
