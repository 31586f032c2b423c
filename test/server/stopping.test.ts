import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { startTestServer } from '../support/test-server.ts'

const BODY = '{"query":"{ __typename }"}'

it('finishes what it took in, and tells who comes later in the form of the API to come again', async () => {
  const server = await startTestServer()
  const { adminKey } = await server.organization()
  const { port, host } = new URL(server.url)
  const head = (rest: string) =>
    `POST /graphql HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${adminKey}\r\nContent-Type: application/json\r\nContent-Length: ${BODY.length}\r\n${rest}\r\n`
  const watcher = new WebSocket(server.url.replace('http', 'ws'), 'graphql-transport-ws')
  await once(watcher, 'open')
  const socket = connect(Number(port), '127.0.0.1')
  socket.write(head('Expect: 100-continue\r\n'))
  const [invited] = await once(socket, 'data')
  expect(String(invited)).toContain('100 Continue')
  const stopped = server.stop()
  const [code] = await once(watcher, 'close')
  expect(code).toBe(1001)
  let answers = ''
  socket.on('data', (chunk) => {
    answers += chunk
  })
  socket.write(BODY + head('') + BODY)
  await once(socket, 'close')
  await stopped
  expect(answers).toMatch(/^HTTP\/1\.1 200 .*"__typename":"Query".*HTTP\/1\.1 503 .*"code":"SERVER_STOPPING"/s)
})
