import 'reflect-metadata'
import { readConfig } from './config.ts'
import { startApp } from './server/app.ts'
import { runUntilStopped } from './server/run-until-stopped.ts'

await runUntilStopped('assay', async () => {
  const app = await startApp(readConfig(process.env))
  await app.listen()
  app.platform.log.info({ url: app.url }, 'Assay answers.')
  return app
})
