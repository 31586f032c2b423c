import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer } from '../support/test-server.ts'

const MIB = 1024 * 1024

let server: TestServer
let key: string
beforeAll(async () => {
  server = await startTestServer()
  key = (await server.organization()).adminKey
})
afterAll(() => server.stop())

const TOO_LARGE = { errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] }

/** A connection that has sent the head of a request, and what it is answered until it is closed. */
async function begin(...headers: string[]): Promise<{ socket: Socket; answered: Promise<string> }> {
  const { hostname, port } = new URL(server.url)
  const socket = connect(Number(port), hostname)
  await once(socket, 'connect')
  let answer = ''
  socket.on('data', (data) => {
    answer += String(data)
  })
  // What is sent after the end goes nowhere.
  socket.on('error', () => undefined)
  const answered = new Promise<string>((resolve) => socket.on('close', () => resolve(answer)))
  const head = ['POST /graphql HTTP/1.1', 'Host: localhost', `Authorization: Bearer ${key}`, ...headers]
  socket.write(`${head.join('\r\n')}\r\n\r\n`)
  return { socket, answered }
}

describe('a body that is too large', () => {
  it('is answered, however much of it is still on its way', async () => {
    const fetches = [9, 24, 40].map(async (size) => {
      const response = await fetch(server.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
        body: 'x'.repeat(size * MIB),
      })
      expect(await response.json()).toMatchObject(TOO_LARGE)
      return response.status
    })
    expect(await Promise.all(fetches)).toEqual([413, 413, 413])
  })

  it('is answered also where its length is not told, and where the connection ends with it', async () => {
    const chunk = Buffer.alloc(MIB, 'x')
    const { socket, answered } = await begin(
      'Content-Type: application/json',
      'Transfer-Encoding: chunked',
      'Connection: close',
    )
    for (let n = 0; n < 24; n++) {
      socket.write(`${chunk.length.toString(16)}\r\n`)
      socket.write(chunk)
      socket.write('\r\n')
    }
    socket.write('0\r\n\r\n')
    expect(await answered).toMatch(/^HTTP\/1\.1 413 /)
    expect(socket.bytesWritten).toBeGreaterThan(24 * MIB)
  })

  it('is not waited for where nothing more of it comes', async () => {
    const { answered } = await begin('Content-Type: application/json', `Content-Length: ${20 * MIB}`)
    expect(await answered).toMatch(/^HTTP\/1\.1 413 /)
  })

  it.each([
    ['too large', 'Content-Type: application/json', 413],
    ['of no type that is read', 'Content-Type: text/xml', 415],
  ])('does not hold the server where it has no end and is %s', async (_name, type, status) => {
    const { socket, answered } = await begin(type, 'Transfer-Encoding: chunked')
    const chunk = Buffer.concat([Buffer.from('100000\r\n'), Buffer.alloc(MIB, 'x'), Buffer.from('\r\n')])
    const send = () => {
      while (!socket.destroyed && socket.write(chunk));
    }
    socket.on('drain', send)
    send()
    expect(await answered).toContain(`HTTP/1.1 ${status} `)
  })
})
