/** Prints what the product does as ratios against a named baseline of the same run: `npm run bench [-- ingestion results assign live statistics]`. */
import 'reflect-metadata'
import { benchAssign } from './assign.bench.ts'
import { type BenchServer, startBenchServer } from './bench-server.ts'
import { benchIngestion } from './ingestion.bench.ts'
import { benchLive } from './live.bench.ts'
import { benchResults } from './results.bench.ts'
import { benchStatistics } from './statistics.bench.ts'

const BENCHES: Record<string, (server: BenchServer) => Promise<string[]>> = {
  ingestion: benchIngestion,
  results: benchResults,
  assign: benchAssign,
  live: benchLive,
  statistics: benchStatistics,
}

const wanted = process.argv.slice(2)
for (const [name, bench] of Object.entries(BENCHES)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  const server = await startBenchServer()
  try {
    console.log(`\n${name}`)
    for (const line of await bench(server)) console.log(`  ${line}`)
  } finally {
    await server.stop()
  }
}
