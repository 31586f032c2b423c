import { createSourceEventStream, type ExecutionArgs, type ExecutionResult, execute } from 'graphql'
import type { RequestContext } from './request-context.ts'

type LiveStream = AsyncGenerator<ExecutionResult, void, void>

/**
 * Subscribes as graphql-js does, but executes each event in a context of its own, so that a subscription that lives for
 * days reads what is there now. Ends at once when its reader returns, even while it waits for an event.
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
