import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http'
import { Webhook } from 'standardwebhooks'

export interface ReceivedMessage {
  path: string
  headers: IncomingHttpHeaders
  body: string
  /** The body as JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: messages hold values of any kind.
  json: any
}

/** How a path answers its nth message, from 1; 200 unless told. */
export type Answer = (response: ServerResponse, count: number) => void

/** A real HTTP server on loopback that keeps what it is sent. */
export class WebhookReceiver {
  readonly received: ReceivedMessage[] = []
  /** Connections that were opened. */
  connections = 0
  readonly #server: Server
  readonly #answers = new Map<string, Answer>()
  readonly #waiting = new Set<() => void>()

  private constructor() {
    this.#server = createServer((request, response) => {
      const parts: Buffer[] = []
      request.on('data', (part) => parts.push(part))
      request.on('end', () => {
        const path = request.url!
        const body = Buffer.concat(parts).toString('utf8')
        this.received.push({ path, headers: request.headers, body, json: JSON.parse(body) })
        const answer = this.#answers.get(path) ?? ((plain: ServerResponse) => plain.end('ok'))
        answer(response, this.of(path).length)
        for (const check of this.#waiting) check()
      })
    })
    this.#server.on('connection', () => this.connections++)
  }

  static async open(): Promise<WebhookReceiver> {
    const receiver = new WebhookReceiver()
    receiver.#server.listen(0, '127.0.0.1')
    await once(receiver.#server, 'listening')
    return receiver
  }

  get port(): number {
    return (this.#server.address() as { port: number }).port
  }

  url(path: string): string {
    return `http://127.0.0.1:${this.port}${path}`
  }

  answer(path: string, answer: Answer): void {
    this.#answers.set(path, answer)
  }

  of(path: string): ReceivedMessage[] {
    return this.received.filter((message) => message.path === path)
  }

  /** Waits until the path has got that many messages. */
  async until(path: string, count: number): Promise<ReceivedMessage[]> {
    await new Promise<void>((resolve) => {
      const check = () => {
        if (this.of(path).length < count) return
        this.#waiting.delete(check)
        resolve()
      }
      this.#waiting.add(check)
      check()
    })
    return this.of(path)
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }
}

/** What a message says, if its signature is right. */
export function verified(secret: string, { body, headers }: ReceivedMessage): unknown {
  return new Webhook(secret).verify(body, headers as Record<string, string>)
}
