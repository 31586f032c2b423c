import { parseArgs } from 'node:util'
import { ApiClient, type Result, successOf } from './api-client.ts'

const USAGE = `Usage: npm run rebuild -- --experiment KEY
  --url URL   address of the GraphQL API (ASSAY_URL, or http://127.0.0.1:4000/graphql)
  --key KEY   an admin key (ASSAY_API_KEY)
Ends with 0 when everything was as the log says, 2 when something had to be put right, 1 when it failed.`

const REBUILD = `mutation ($input: RebuildExperimentInput!) {
  rebuildExperiment(input: $input) {
    ... on RebuildExperimentSuccess { checks { kind checked differing } }
    ... on Error { code message }
  }
}`

interface Check {
  kind: string
  checked: number
  differing: number
}

/** Recomputes an experiment's aggregates from the log through the public API, and tells what differed. */
async function rebuild(): Promise<void> {
  const text = { type: 'string' } as const
  const { values } = parseArgs({ options: { experiment: text, url: text, key: text } })
  const apiKey = values.key ?? process.env.ASSAY_API_KEY
  if (!values.experiment || !apiKey) throw new Error(`--experiment or the admin key is missing.\n${USAGE}`)
  const url = values.url ?? process.env.ASSAY_URL ?? 'http://127.0.0.1:4000/graphql'
  const api = new ApiClient({ url, apiKey })
  const { rebuildExperiment } = await api.call<{ rebuildExperiment: Result<{ checks: Check[] }> }>(REBUILD, {
    input: { experimentKey: values.experiment },
  })
  const { checks } = successOf(rebuildExperiment)
  for (const { kind, checked, differing } of checks) {
    console.log(
      `${kind.padEnd(16)} ${String(checked).padStart(10)} checked ${String(differing).padStart(10)} differing`,
    )
  }
  if (checks.some(({ differing }) => differing > 0)) process.exitCode = 2
}

try {
  await rebuild()
} catch (error) {
  console.error(`rebuild: ${(error as Error).message}`)
  process.exitCode = 1
}
