import type { Comparison } from './comparison.ts'
import { type Family, familyOf, judgeFamily } from './families.ts'
import type { MetricResult } from './metric-result.ts'
import type { ResultSubject } from './result-subject.ts'

/** The family of each metric, by its id. @param slices - of the units, in each of which the metrics are compared */
export function familiesOf(subject: ResultSubject, slices = 1): ReadonlyMap<number, Family> {
  return new Map(subject.metrics.map((metric) => [metric.metric.id, familyOf(subject, metric, slices)]))
}

/** Every comparison with the verdict that it gets within its family. */
export function judged(
  subject: ResultSubject,
  families: ReadonlyMap<number, Family>,
  metrics: readonly MetricResult[],
): MetricResult[] {
  const isAdaptive = subject.algorithm === 'THOMPSON'
  const verdicts = new Map<Comparison, Comparison>()
  for (const members of Map.groupBy(metrics, ({ metric }) => families.get(metric.id)!.name).values()) {
    const comparisons = members.flatMap((metric) => metric.comparisons)
    const family = families.get(members[0]!.metric.id)!
    for (const [index, comparison] of judgeFamily(comparisons, family, subject.analysis, isAdaptive).entries()) {
      verdicts.set(comparisons[index]!, comparison)
    }
  }
  return metrics.map((metric) => ({
    ...metric,
    comparisons: metric.comparisons.map((comparison) => ({ ...comparison, ...verdicts.get(comparison)! })),
  }))
}
