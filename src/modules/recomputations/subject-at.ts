import { plainSubject } from '../decisions/evaluation.ts'
import type { StartedExperiment } from '../experiments/definition-cache.ts'
import type { ResultSubject } from '../results/result-subject.ts'

/** What the results of an experiment depended on just before a moment; its plan and its metrics stand still from its start on. */
export function subjectAt({ definition, ...rest }: StartedExperiment, moment: Date): ResultSubject {
  const { status, endedAt, epochs } = definition
  const hadEnded = endedAt !== null && endedAt < moment
  return plainSubject({
    ...rest,
    definition: {
      ...definition,
      // Whether it was paused makes no difference to what is known.
      status: hadEnded ? status : 'RUNNING',
      epochs: epochs.filter((epoch, index) => index === 0 || epoch.startedAt < moment),
    },
  })
}
