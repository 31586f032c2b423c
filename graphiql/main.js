// The GraphiQL page, signed in with the key that the server puts into it.
import { GraphiQL } from 'graphiql'
import 'graphiql/style.css'
import { createGraphiQLFetcher } from '@graphiql/toolkit'
import { createClient } from 'graphql-ws'
import { createElement } from 'react'
import { createRoot } from 'react-dom/client'

const { key, query, variables } = JSON.parse(document.getElementById('assay').textContent)
const headers = { Authorization: `Bearer ${key}` }

globalThis.MonacoEnvironment = {
  getWorker: (_id, label) => new Worker(`/graphiql/${WORKERS[label] ?? WORKERS.editor}`, { type: 'module' }),
}
const WORKERS = { json: 'json.worker.js', graphql: 'graphql.worker.js', editor: 'editor.worker.js' }

const fetcher = createGraphiQLFetcher({
  url: location.pathname,
  headers,
  wsClient: createClient({
    url: `${location.protocol.replace('http', 'ws')}//${location.host}${location.pathname}`,
    connectionParams: { authorization: headers.Authorization },
  }),
})

createRoot(document.getElementById('graphiql')).render(
  createElement(GraphiQL, {
    fetcher,
    defaultQuery: query,
    initialVariables: variables,
    defaultEditorToolsVisibility: 'variables',
  }),
)
