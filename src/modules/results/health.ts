import { adaptiveRatioTest } from '../../statistics/bandit/adaptive-ratio-test.ts'
import { sampleRatioTest } from '../../statistics/diagnostics/sample-ratio-test.ts'
import { sequentialSampleRatio } from '../../statistics/diagnostics/sequential-sample-ratio.ts'
import { isComputable, type NotComputable } from '../../statistics/not-computable.ts'
import { THOMPSON_FLOOR } from '../experiments/experiment-definition.ts'
import type { Aggregates, ExposureCell } from '../ingestion/aggregates.read-model.ts'
import type { ResultSubject, SubjectVariant } from './result-subject.ts'

/** p-value below which the units did not arrive in the proportions of the weights. */
const MISMATCH = 0.001

export interface SampleRatio {
  /** Null where nothing can be tested. */
  pValue: number | null
  /** The same at every look; null where the allocation adapts too. */
  alwaysValidPValue: number | null
  isMismatch: boolean
  notComputable: NotComputable | null
}

export interface EpochSampleRatio extends SampleRatio {
  epoch: number
  variants: Array<{ variant: SubjectVariant; units: number; expectedUnits: number | null }>
}

export interface Health {
  sampleRatioMismatch: SampleRatio & { epochs: EpochSampleRatio[] }
  multipleVariantUnits: number
}

/** Whether the data can be trusted at all. */
export function healthOf(subject: ResultSubject, { exposures }: Aggregates): Health {
  const epochs = subject.epochs.map((epoch) =>
    epochRatio(
      subject,
      epoch,
      exposures.filter((cell) => cell.epoch === epoch.number),
    ),
  )
  const computed = epochs.flatMap(({ pValue }) => pValue ?? [])
  const alwaysValid = epochs.flatMap(({ alwaysValidPValue }) => alwaysValidPValue ?? [])
  return {
    sampleRatioMismatch: {
      pValue: computed.length > 0 ? Math.min(...computed) : null,
      // Whichever epoch is the worst, there were as many chances as epochs.
      alwaysValidPValue: alwaysValid.length > 0 ? Math.min(1, alwaysValid.length * Math.min(...alwaysValid)) : null,
      isMismatch: epochs.some(({ isMismatch }) => isMismatch),
      notComputable: computed.length > 0 ? null : (epochs[0]?.notComputable ?? null),
      epochs,
    },
    multipleVariantUnits: exposures.reduce((sum, cell) => sum + cell.contaminated, 0),
  }
}

/** Imported exposures, which nobody drew, count by the weights. */
function leastPropensity(arms: ReadonlyArray<{ weight: number }>): number {
  const total = arms.reduce((sum, { weight }) => sum + weight, 0)
  return Math.min(THOMPSON_FLOOR, ...arms.flatMap(({ weight }) => (weight > 0 ? weight / total : [])))
}

function epochRatio(
  { algorithm, variants }: ResultSubject,
  { number, weights }: ResultSubject['epochs'][number],
  cells: readonly ExposureCell[],
): EpochSampleRatio {
  const isAdaptive = algorithm === 'THOMPSON'
  const total = cells.reduce((sum, cell) => sum + cell.units, 0)
  const weightOf = (variant: SubjectVariant) => weights.get(variant.id) ?? 0
  const weight = variants.reduce((sum, variant) => sum + weightOf(variant), 0)
  const arms = variants.map((variant) => {
    const cell = cells.find(({ variantId }) => variantId === variant.id)
    return { variant, units: cell?.units ?? 0, w: cell?.w ?? 0, ww: cell?.ww ?? 0, weight: weightOf(variant) }
  })
  const test = isAdaptive ? adaptiveRatioTest(arms, leastPropensity(arms)) : sampleRatioTest(arms)
  const sequential = isAdaptive ? null : sequentialSampleRatio(arms)
  return {
    epoch: number,
    pValue: isComputable(test) ? test.pValue : null,
    alwaysValidPValue: sequential && isComputable(sequential) ? sequential.pValue : null,
    isMismatch: isComputable(test) ? test.pValue < MISMATCH : test.code === 'UNEXPECTED_TRAFFIC',
    notComputable: isComputable(test) ? null : test,
    variants: arms.map(({ variant, units, weight: own }) => ({
      variant,
      units,
      expectedUnits: isAdaptive || weight === 0 ? null : (total * own) / weight,
    })),
  }
}
