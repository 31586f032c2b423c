import { setTimeout as pause } from 'node:timers/promises'

export interface ApiClientOptions {
  /** Address of the GraphQL endpoint. */
  url: string
  apiKey: string
  /** How often a call that got no answer is sent again; every call here may be repeated safely. */
  attempts?: number
}

/** A failure that the API told in words. */
export class ApiError extends Error {
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.name = 'ApiError'
    this.code = code
  }
}

interface Answer<T> {
  data?: T | null
  errors?: Array<{ message: string; extensions?: { code?: string } }>
}

/** Calls the public GraphQL API over HTTP, again after a fault of the network or a busy server. */
export class ApiClient {
  readonly #options: Required<ApiClientOptions>

  constructor(options: ApiClientOptions) {
    this.#options = { attempts: 6, ...options }
  }

  /** @throws ApiError with the first error of the answer */
  async call<T>(query: string, variables: Record<string, unknown> = {}): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#send<T>(query, variables)
      } catch (error) {
        if (error instanceof ApiError || attempt >= this.#options.attempts) throw error
        await pause(2 ** attempt * 50)
      }
    }
  }

  async #send<T>(query: string, variables: Record<string, unknown>): Promise<T> {
    const { url } = this.#options
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/graphql-response+json, application/json',
        authorization: `Bearer ${this.#options.apiKey}`,
      },
      body: JSON.stringify({ query, variables }),
    }).catch((error: Error) => {
      const { code, message } = (error.cause ?? error) as NodeJS.ErrnoException
      throw new Error(`The API at ${url} cannot be reached: ${code ?? message}.`)
    })
    if (response.status === 429 || response.status >= 500) {
      throw new Error(`The API at ${url} answered ${response.status}.`)
    }
    const answer = (await response.json().catch(() => {
      throw new ApiError('UNKNOWN', `What answers at ${url} is no GraphQL API; its status is ${response.status}.`)
    })) as Answer<T>
    const [error] = answer.errors ?? []
    if (error) throw new ApiError(error.extensions?.code ?? 'UNKNOWN', error.message)
    return answer.data as T
  }
}

/** A member of a result union: the failure's code and message, or the success. */
export type Result<T> = T & { code?: string; message?: string }

/** The success of a result union. @throws ApiError for its failures */
export function successOf<T>(result: Result<T>): T {
  if (result.code) throw new ApiError(result.code, result.message ?? result.code)
  return result
}
