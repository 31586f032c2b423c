import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Files whose tests wait the longest for a clock or for work that a killed process has left. */
const WAITING = /\/test\/kill\/|\/unattended\.test\.ts$/

/** What waits the longest begins first, so that the rest is done meanwhile. */
class WaitingFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const waits = ({ moduleId }: TestSpecification) => WAITING.test(moduleId)
    return [...sorted.filter(waits), ...sorted.filter((file) => !waits(file))]
  }
}

export default defineConfig({
  oxc: { decorator: { legacy: true, emitDecoratorMetadata: false } },
  // One copy of graphql: type-graphql resolves the CommonJS entry, everything else must meet it there.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    // Some tests wait for a clock or a retry more than they compute, so that more files than cores go well together.
    maxWorkers: 4,
    // No test changes a module; loading them anew for each file would take half of the time.
    isolate: false,
    sequence: { sequencer: WaitingFirst },
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
