import { parseArgs } from 'node:util'
import { calibratePopulation } from './calibration/calibrate-population.ts'
import { calibrationTable } from './calibration/calibration-table.ts'
import { brokenClaims } from './calibration/claims.ts'
import { POPULATIONS } from './calibration/population.ts'

// npm run calibrate: how often each method errs, by simulation of each kind of metric.
const { values } = parseArgs({
  options: {
    full: { type: 'boolean', default: false },
    runs: { type: 'string' },
    only: { type: 'string', default: '' },
    seed: { type: 'string', default: '1' },
  },
})
const alpha = 0.05
const looks = 1000
const runs = Number(values.runs ?? (values.full ? 20_000 : 2000))
const seed = Number(values.seed)
if (!(Number.isSafeInteger(runs) && runs > 0 && Number.isSafeInteger(seed))) {
  process.stderr.write('Usage: npm run calibrate -- [--full] [--runs N] [--seed N] [--only NAME]\n')
  process.exit(2)
}

const populations = POPULATIONS.filter(({ name }) => name.includes(values.only))
process.stderr.write(`${runs} runs of each of ${populations.length} populations, without and with an effect.\n`)
const calibrations = populations.flatMap((population) => {
  const results = calibratePopulation(population, { runs, looks, alpha, seed })
  process.stdout.write(`${calibrationTable(results)}\n`)
  return results
})
const broken = brokenClaims(calibrations, alpha)
for (const claim of broken) process.stderr.write(`${claim}\n`)
process.exitCode = broken.length > 0 ? 1 : 0
