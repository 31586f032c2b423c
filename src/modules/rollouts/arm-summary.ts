import type { NotComputable } from '../../statistics/not-computable.ts'
import { estimateRatio, type RatioSummary } from '../../statistics/ratio-summary.ts'
import {
  type ArmEstimate,
  estimateMean,
  estimateProportion,
  type SampleSummary,
} from '../../statistics/sample-summary.ts'

/** All that a health check needs to know of one arm in one window: enough to judge it again later, to the bit. */
export type ArmSummary =
  | { kind: 'RATE'; units: number; conversions: number }
  | ({ kind: 'MEAN' } & SampleSummary)
  // Net: the denominator is taken off the numerator, (a − b) / b.
  | ({ kind: 'RATIO'; isNet: boolean } & RatioSummary)

/** Requests, scores or units that the arm has. */
export function unitsOf(summary: ArmSummary): number {
  return summary.kind === 'RATE' ? summary.units : summary.count
}

export function estimateOf(summary: ArmSummary): ArmEstimate | NotComputable {
  switch (summary.kind) {
    case 'RATE':
      return estimateProportion(summary.units, summary.conversions)
    case 'MEAN':
      return estimateMean(summary)
    case 'RATIO': {
      const estimate = estimateRatio(summary)
      return summary.isNet && 'mean' in estimate ? { ...estimate, mean: estimate.mean - 1 } : estimate
    }
  }
}
