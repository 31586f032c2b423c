import type { ErrorCode } from './error-code.ts'

/** One broken rule, where several are told at once. */
export interface Problem {
  code: ErrorCode
  message: string
}

export interface ErrorDetails {
  /** Path of the offending value inside the input, outermost first. */
  path?: string[]
  /** Version that the object has now, when the caller's was stale. */
  currentVersion?: number
  /** Every broken rule; the error itself carries the first. */
  problems?: Problem[]
}

/**
 * A failure that the caller can understand. Its message names the value and the rule and is safe to show;
 * any other exception is a fault of ours and leaves the server only as INTERNAL_SERVER_ERROR.
 */
export class DomainError extends Error {
  readonly code: ErrorCode
  readonly details: ErrorDetails

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message)
    this.name = 'DomainError'
    this.code = code
    this.details = details
  }

  /** Throws the first problem and carries all of them; does nothing when there is none. */
  static throwIfAny(problems: readonly Problem[]): void {
    const [first] = problems
    if (first)
      throw new DomainError(first.code, problems.map((problem) => problem.message).join(' '), {
        problems: [...problems],
      })
  }
}
