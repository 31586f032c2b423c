import { request } from 'node:http'
import { expect, it } from 'vitest'
import { serveGraphiql } from '../../src/server/graphiql.ts'
import { createHttpServer } from '../../src/server/http-server.ts'
import { startTestServer } from '../support/test-server.ts'

it('gives a browser the page, signed in only under a name of this machine', async () => {
  const { platform, stop } = await startTestServer()
  const server = await createHttpServer(platform)
  await serveGraphiql(server, '/graphql', { key: 'secret-key', query: '', variables: '' })
  const url = await server.listen({ host: '127.0.0.1', port: 0 })
  const pageUnder = (host: string) =>
    new Promise<string>((resolve, reject) => {
      const headers = { accept: 'text/html', host }
      request(`${url}/graphql`, { headers }, async (response) => {
        let page = ''
        for await (const chunk of response) page += chunk
        resolve(page)
      })
        .on('error', reject)
        .end()
    })
  const { port } = new URL(url)
  for (const name of ['127.0.0.1', 'localhost', '[::1]']) {
    expect(await pageUnder(`${name}:${port}`)).toContain('secret-key')
  }
  const foreign = await pageUnder(`rebound.example:${port}`)
  expect(foreign).toContain('Assay GraphiQL')
  expect(foreign).not.toContain('secret-key')
  await server.close()
  await stop()
}, 60_000)
