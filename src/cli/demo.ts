import 'reflect-metadata'
import { isIP } from 'node:net'
import { readConfig } from '../config.ts'
import { createOrganization } from '../modules/organizations/organization.service.ts'
import { type App, startApp } from '../server/app.ts'
import { runUntilStopped } from '../server/run-until-stopped.ts'
import { DomainError } from '../shared/domain-error.ts'
import { StartupError } from '../shared/startup-error.ts'
import { ApiClient } from './api-client.ts'
import { createDemoExperiment, DEMO_EXPERIMENT } from './demo-experiment.ts'
import { DemoVisitors } from './demo-visitors.ts'

const SUBSCRIPTION = `subscription LiveResults {
  experimentResults(experimentKey: "${DEMO_EXPERIMENT}") {
    version
    computedAt
    exposedUnits
    metrics {
      metric { key kind }
      variants { variant { key } units mean }
      comparisons {
        variant { key }
        isSignificant
        relativeLift { estimate interval { lower upper } }
        alwaysValid { pValue isSignificant }
        test { pValue }
      }
    }
    decision { recommendation winner { key } reasons { message } }
  }
}
`

/** A server with an organization, a running experiment, and visitors who keep arriving through the public API. */
async function startDemo(): Promise<{ stop(): Promise<void> }> {
  const config = readConfig({ ASSAY_LOG_LEVEL: 'warn', ASSAY_DATA_DIR: '.assay-demo', ...process.env })
  if (!isLoopback(config.host)) {
    throw new StartupError(`HOST is ${config.host}; the demo shows its key to everybody and serves only this machine.`)
  }
  const app = await startApp(config)
  try {
    const { adminKey, serverKey } = await createDemoOrganization(app)
    await app.serveGraphiql({ key: adminKey, query: SUBSCRIPTION, variables: '' })
    await app.listen()
    const { url } = app
    await createDemoExperiment(new ApiClient({ url, apiKey: adminKey }))
    const visitors = new DemoVisitors(new ApiClient({ url, apiKey: serverKey }))
    await visitors.start()
    console.log(welcome(url, adminKey))
    return {
      stop: async () => {
        await visitors.stop()
        await app.stop()
      },
    }
  } catch (error) {
    await app.stop()
    throw error
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
}

/** A new one each time, so that the numbers begin at nothing. */
async function createDemoOrganization({ platform }: App) {
  for (let number = 1; ; number++) {
    const key = number === 1 ? 'demo' : `demo-${number}`
    try {
      return await createOrganization((id) => platform.scopedTo(id), platform.clock, { key, name: 'Demo' })
    } catch (error) {
      if (!(error instanceof DomainError && error.code === 'KEY_TAKEN')) throw error
    }
  }
}

function welcome(url: string, key: string): string {
  return `
Assay runs, and visitors arrive.

  GraphQL   ${url}   (open it in a browser for GraphiQL, signed in)
  WebSocket ${url.replace('http', 'ws')}
  API key   ${key}

Paste this into GraphiQL and watch the numbers move; Ctrl+C ends the demo.

${SUBSCRIPTION}`
}

await runUntilStopped('demo', startDemo)
