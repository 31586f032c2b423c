import { DomainError } from '../../shared/domain-error.ts'

/**
 * Why an experiment cannot be computed again.
 * @param endedSince - the experiments that ended before this may be forgotten by the log
 */
export function logPurged(
  { key, startedAt, endedAt }: { key: string; startedAt: Date | null; endedAt: Date | null },
  endedSince: Date,
): DomainError {
  const [start, end, since] = [startedAt, endedAt, endedSince].map((time) => time?.toISOString())
  return new DomainError(
    'LOG_PURGED',
    `The log of events no longer reaches back to the start of ${key} at ${start}: it ended at ${end}, and only experiments that ended at ${since} or later can be computed again. results(asOf:) has what was stored of it.`,
  )
}
