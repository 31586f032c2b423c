import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/**
 * Lets a server stop as soon as its answers are out. By itself it would wait for connections on which no request has come
 * yet, as browsers and pools open them ahead of need, and for those whose answer was under way when the stop began and
 * which are then kept for a next request.
 * @returns how to begin the stop
 */
export function drainConnections(server: Server): () => void {
  const unused = new Set<Socket>()
  let isStopping = false
  server.on('connection', (socket: Socket) => {
    if (isStopping) {
      socket.destroy()
      return
    }
    unused.add(socket)
    socket.once('close', () => unused.delete(socket))
  })
  server.prependListener('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    unused.delete(socket)
    response.once('finish', () => {
      if (isStopping) socket.destroySoon()
    })
  })
  server.prependListener('upgrade', ({ socket }: IncomingMessage) => unused.delete(socket))
  return () => {
    isStopping = true
    for (const socket of unused) socket.destroy()
  }
}
