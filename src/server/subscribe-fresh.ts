import { createSourceEventStream, type ExecutionArgs, type ExecutionResult, execute } from 'graphql'
import { DomainError } from '../shared/domain-error.ts'
import type { ErrorCode } from '../shared/error-code.ts'
import type { RequestContext } from './request-context.ts'

/** With these there is nothing left to subscribe to. */
const GONE: ReadonlySet<ErrorCode> = new Set(['EXPERIMENT_DELETED', 'ROLLOUT_DELETED'])

type LiveStream = AsyncGenerator<ExecutionResult, void, void>

/**
 * Subscribes as graphql-js does, but executes each event in a context of its own, so that a subscription that lives for
 * days reads what is there now. Ends at once when its reader returns, even while it waits for an event, and with the
 * error of an event whose subject is gone.
 */
export async function subscribeFresh(
  args: ExecutionArgs,
  freshContext: () => RequestContext,
): Promise<LiveStream | ExecutionResult> {
  const source = await createSourceEventStream({ ...args, contextValue: freshContext() })
  if (!(Symbol.asyncIterator in source)) return source
  const events = source[Symbol.asyncIterator]()
  const close = async (): Promise<IteratorReturnResult<void>> => {
    await events.return?.()
    return { done: true, value: undefined }
  }
  const stream: LiveStream = {
    next: async () => {
      const event = await events.next()
      if (event.done) return { done: true, value: undefined }
      const result = await execute({ ...args, rootValue: event.value, contextValue: freshContext() })
      const gone = result.errors?.find(
        ({ originalError: error }) => error instanceof DomainError && GONE.has(error.code),
      )
      if (gone) {
        await close()
        throw gone.originalError
      }
      return { done: false, value: result }
    },
    return: close,
    throw: async (error) => {
      await close()
      throw error
    },
    [Symbol.asyncIterator]: () => stream,
    [Symbol.asyncDispose]: async () => {
      await close()
    },
  }
  return stream
}
