import { type IncomingMessage, request as requestPlain } from 'node:http'
import { request as requestSecure } from 'node:https'
import type { AddressPolicy } from './public-address.ts'

/** Characters of an answer that are kept. */
const MOST_KEPT = 1_000
/** Bytes of an answer that are read. */
const MOST_READ = 16_384

export interface SendOptions {
  /** Time that an attempt may take, the connection and the answer's status included. */
  timeoutMs: number
  addresses: AddressPolicy
}

export interface Outcome {
  /** Null when there was no answer. */
  statusCode: number | null
  /** Why there was none. */
  error: string | null
  /** The beginning of the answer. */
  response: string | null
  retryAfter: string | null
}

/**
 * Posts a message. Redirects are answers like any other, and an answer that does not end is cut off.
 * @param options.signal - breaks it off
 * @throws when it is broken off before there is an answer
 */
export async function sendMessage(
  url: string,
  headers: Record<string, string>,
  body: string,
  { timeoutMs, addresses, signal }: SendOptions & { signal: AbortSignal },
): Promise<Outcome> {
  const limit = AbortSignal.timeout(timeoutMs)
  try {
    const target = new URL(url)
    addresses.assertHost(target.hostname)
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const request = (target.protocol === 'https:' ? requestSecure : requestPlain)(target, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          'user-agent': 'Assay-Webhooks/1',
          ...headers,
        },
        // A connection of its own: one kept open would have been looked up for another message.
        agent: false,
        lookup: addresses.lookup,
        signal: AbortSignal.any([signal, limit]),
      })
      request.on('response', resolve)
      request.on('error', reject)
      request.end(body)
    })
    const response = await beginningOf(answer)
    return {
      statusCode: answer.statusCode ?? null,
      error: null,
      response,
      retryAfter: answer.headers['retry-after'] ?? null,
    }
  } catch (error) {
    signal.throwIfAborted()
    const told = limit.aborted ? `There was no answer within ${timeoutMs} ms.` : messageOf(error as Error)
    return { statusCode: null, error: told, response: null, retryAfter: null }
  }
}

/** The status is what counts: an answer whose body hangs or is endless has been given all the same. */
async function beginningOf(answer: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  let bytes = 0
  try {
    for await (const part of answer as AsyncIterable<Buffer>) {
      parts.push(part)
      bytes += part.length
      if (bytes >= MOST_READ) break
    }
  } catch {
    // Cut off by the time limit, or by the receiver.
  } finally {
    answer.destroy()
  }
  const text = Buffer.concat(parts).toString('utf8').toWellFormed().replaceAll('\u0000', '\ufffd')
  return text.slice(0, MOST_KEPT).toWellFormed()
}

function messageOf(error: Error & { code?: string; errors?: Error[] }): string {
  // Several addresses were tried; the first failure stands for all.
  const first = error.errors?.[0] as (Error & { code?: string }) | undefined
  return error.message || first?.message || error.code || 'The connection failed.'
}
