import type { Calibration } from './calibrate-population.ts'

/** What the product promises of its methods, held against a calibration. */
export function brokenClaims(calibrations: readonly Calibration[], alpha: number): string[] {
  return calibrations.flatMap((one) => {
    const broken: string[] = []
    const claim = (holds: boolean, text: string) => {
      if (!holds) broken.push(`${one.population}, ${one.method}: ${text}`)
    }
    const { value, error } = one.manyLooks
    // Twice the error of the simulation is not yet a broken promise.
    if (one.method === 'ALWAYS_VALID') {
      claim(value - 2 * error <= alpha, `${value} false positives exceed alpha.`)
    }
    if (one.method.startsWith('GROUP_SEQUENTIAL')) {
      claim(value - 2 * error <= alpha + 0.005, `${value} false positives exceed alpha by more than half a point.`)
      claim(one.meanSample <= 0.8, `the mean sample is ${one.meanSample} of the fixed design's, above 0.80.`)
      claim(one.maximumSample <= 1.1, `the maximum sample is ${one.maximumSample} of the fixed design's, above 1.10.`)
    }
    return broken
  })
}
