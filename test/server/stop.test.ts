import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, it } from 'vitest'
import { Seed } from '../support/seed.ts'
import { startTestServer } from '../support/test-server.ts'

it('a stop does not wait for connections on which nobody has asked anything', async () => {
  const server = await startTestServer()
  const { hostname, port } = new URL(server.url)
  const silent = connect(Number(port), hostname)
  const halfway = connect(Number(port), hostname)
  await Promise.all([once(silent, 'connect'), once(halfway, 'connect')])
  halfway.write('POST /graphql HTTP/1.1\r\nHost: localhost\r\n')
  const { adminKey } = await server.organization()
  await server.graphql(adminKey, '{ viewer { actor } }')
  const closed = Promise.all(
    [silent, halfway].map((socket) =>
      once(
        socket.on('error', () => undefined),
        'close',
      ),
    ),
  )
  const began = performance.now()
  await server.stop()
  await closed
  expect(performance.now() - began).toBeLessThan(10_000)
})

it('a stop answers what is under way and then lets its connection go', async () => {
  const server = await startTestServer()
  const seed = await Seed.organization(server)
  await seed.experiment({ key: 'shop' })
  const body = JSON.stringify({
    query: 'mutation ($input: TrackEventsInput!) { trackEvents(input: $input) { accepted } }',
    variables: {
      input: { events: Array.from({ length: 5_000 }, (_, n) => ({ idempotencyKey: `${n}`, unitId: 'u', name: 'e' })) },
    },
  })
  const { hostname, port } = new URL(server.url)
  const socket = connect(Number(port), hostname)
  let answer = ''
  socket.on('data', (data) => {
    answer += String(data)
  })
  const closed = once(socket, 'close')
  socket.write(
    `POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAuthorization: Bearer ${seed.keys.serverKey}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
  // On a connection of its own, answered at once: by then the other request has been taken in.
  await server.graphql(seed.keys.serverKey, '{ viewer { actor } }')
  expect(answer).toBe('')
  const began = performance.now()
  await server.stop()
  await closed
  expect(answer).toContain('{"accepted":5000}')
  expect(performance.now() - began).toBeLessThan(10_000)
})

it('a stop that hangs is given up in one line, with exit code 1', async () => {
  const program = `import { runUntilStopped } from './src/server/run-until-stopped.ts'
    await runUntilStopped('assay', async () => {
      setInterval(() => undefined, 1_000)
      console.log('runs')
      return { stop: () => new Promise(() => undefined) }
    }, 100)`
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program])
  let told = ''
  child.stderr.on('data', (data) => {
    told += data
  })
  await once(child.stdout, 'data')
  child.kill('SIGTERM')
  const [code] = await once(child, 'close')
  expect({ code, told }).toEqual({
    code: 1,
    told: 'assay: The stop took longer than 0.1 s; what was still under way is cut off.\n',
  })
})
