import { DomainError } from '../../shared/domain-error.ts'

const MAX_METRICS = 100

export function assertMetricCount(count: number): void {
  if (count > MAX_METRICS) {
    throw new DomainError('TOO_MANY_METRICS', `The experiment would have ${count} metrics; it takes ${MAX_METRICS}.`)
  }
}

export function assertMetricsDiffer(keys: readonly string[]): void {
  const repeated = keys.find((key, index) => keys.indexOf(key) !== index)
  if (repeated !== undefined) {
    throw new DomainError('METRIC_REPEATED', `The metric ${repeated} stands twice in the experiment; it has one role.`)
  }
}
