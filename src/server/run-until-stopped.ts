import { StartupError } from '../shared/startup-error.ts'

/** Longest that a stop may take before the process ends all the same, in milliseconds. */
const STOP_WITHIN_MS = 30_000

/**
 * Runs a server until SIGTERM or SIGINT, then stops it cleanly; a reason not to start, and a stop that is given up, is one line and
 * exit code 1.
 */
export async function runUntilStopped(
  name: string,
  start: () => Promise<{ stop(): Promise<void> }>,
  stopWithinMs = STOP_WITHIN_MS,
): Promise<void> {
  let stopRequested: (() => void) | null = null
  const stopping = new Promise<void>((resolve) => {
    stopRequested = resolve
  })
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stopRequested?.())
  try {
    const server = await start()
    await stopping
    setTimeout(() => {
      console.error(
        `${name}: The stop took longer than ${stopWithinMs / 1_000} s; what was still under way is cut off.`,
      )
      process.exit(1)
    }, stopWithinMs).unref()
    await server.stop()
    process.exit(0)
  } catch (error) {
    console.error(`${name}: ${error instanceof StartupError ? error.message : ((error as Error).stack ?? error)}`)
    process.exit(1)
  }
}
