import { isComputable, type NotComputable } from '../../src/statistics/not-computable.ts'

/** An outcome that must exist. */
export function computed<T>(outcome: T | NotComputable): T {
  if (!isComputable(outcome)) throw new Error(outcome.code)
  return outcome
}
