import type { IncomingMessage } from 'node:http'

/** What is read of a body that nobody wants, in bytes, and for how long, in milliseconds. */
const MOST_BYTES = 128 * 1024 * 1024
const MOST_MS = 10_000
/** A sender that is silent for so long waits for its answer, in milliseconds. */
const MOST_SILENCE_MS = 1_000

/**
 * Reads what is still on its way of the body of a request, and drops it. Where a connection is closed while its client
 * still sends, that client hears of the reset and never reads the answer.
 * @returns whether the body has ended; false where it was given up
 */
export function discardBody(request: IncomingMessage): Promise<boolean> {
  if (request.complete || request.destroyed) return Promise.resolve(request.complete)
  return new Promise((resolve) => {
    let bytes = 0
    const stop = () => {
      clearTimeout(end)
      clearTimeout(silence)
      request.off('data', count).off('end', stop).off('close', stop)
      resolve(request.complete)
    }
    const count = (chunk: Buffer) => {
      bytes += chunk.length
      silence.refresh()
      if (bytes > MOST_BYTES) stop()
    }
    const end = setTimeout(stop, MOST_MS)
    const silence = setTimeout(stop, MOST_SILENCE_MS)
    request.on('data', count).on('end', stop).on('close', stop).resume()
  })
}
