import type { CheckAssessment, HealthRule } from './health-check.ts'

/** Why a check failed, with its numbers. */
export function failureInWords(
  key: string,
  { comparison, quantile }: HealthRule,
  { treatmentEstimate, controlEstimate, bound, limit }: CheckAssessment,
): string {
  const has = `The check ${key} failed: the new version has ${shown(treatmentEstimate)}`
  if (comparison === 'CONTROL') {
    return `${has}, the control ${shown(controlEstimate)}; the difference is at best ${shown(bound)}, and ${limit} is tolerated.`
  }
  if (quantile === null) return `${has}, at best ${shown(bound)}; the limit is ${limit}.`
  // Of a quantile the estimate is the share of requests that are too slow, not a latency.
  return `The check ${key} failed: on the new version ${percent(treatmentEstimate)} of the requests took longer than ${limit} ms, at best ${percent(bound)}; ${percent(1 - quantile)} are allowed.`
}

function shown(value: number | null): string {
  return value === null ? 'unknown' : String(Number(value.toPrecision(4)))
}

function percent(share: number | null): string {
  return share === null ? 'an unknown share' : `${shown(100 * share)} %`
}
