import { seededRandom } from './simulation/random.ts'
import { type ArmBehaviour, SIMULATED_RULES, type Simulation, simulateRollout } from './simulation/simulated-rollout.ts'

// npm run simulate:rollout: how often healthy rollouts are rolled back, and how soon a broken one is, by the product's own rules.
const ROLLOUTS = Number(process.argv[2] ?? 2_000)
const ALPHA = 0.05
const SECONDS_BETWEEN_LOOKS = 2
const HEALTHY_LOOKS = 500
/** An hour. */
const BROKEN_LOOKS = 1_800

const STAGES = [500, 2_500, 5_000, 7_500, 10_000].map((shareBasisPoints, index, all) => ({
  shareBasisPoints,
  minimumDurationSeconds: index < all.length - 1 ? 200 : 1e6,
}))
const HEALTHY: ArmBehaviour = { errorRate: 0.02, latencyMs: 120, quality: 0.9 }
/** As bad as is still allowed: every threshold is just kept. */
const AT_THE_LIMIT: ArmBehaviour = { errorRate: 0.05, latencyMs: 200, quality: 0.75 }

function run(changes: Partial<Simulation>): number[] {
  const seconds: number[] = []
  for (let rollout = 0; rollout < ROLLOUTS; rollout++) {
    const rolledBackAfter = simulateRollout({
      stages: STAGES,
      alpha: ALPHA,
      behaviour: { TREATMENT: HEALTHY, CONTROL: HEALTHY },
      requestsPerSecond: 50,
      secondsBetweenLooks: SECONDS_BETWEEN_LOOKS,
      looks: HEALTHY_LOOKS,
      random: seededRandom(1 + rollout),
      ...changes,
    })
    if (rolledBackAfter !== null) seconds.push(rolledBackAfter)
  }
  return seconds.sort((a, b) => a - b)
}

const say = (line: string) => process.stdout.write(`${line}\n`)
const perThousand = (count: number) => ((1_000 * count) / ROLLOUTS).toFixed(1)

say(`${ROLLOUTS} rollouts each, ${SIMULATED_RULES.length} health checks, alpha ${ALPHA} for the whole rollout.`)
say(`Healthy, ${HEALTHY_LOOKS} looks each over five stages; false rollbacks per 1,000 (at most ${1_000 * ALPHA}):`)
let isCalibrated = true
for (const [name, behaviour] of [
  ['errors 2 %, latency 120 ms, quality 90 %', HEALTHY],
  ['every threshold just kept (5 %, 200 ms, 75 %)', AT_THE_LIMIT],
  ['few errors: 0.1 %', { ...HEALTHY, errorRate: 0.001 }],
] as const) {
  const falseRollbacks = run({ behaviour: { TREATMENT: behaviour, CONTROL: behaviour } }).length
  isCalibrated &&= falseRollbacks <= ROLLOUTS * ALPHA
  say(`  ${perThousand(falseRollbacks).padStart(5)}  ${name}`)
}

const found = run({
  stages: [{ shareBasisPoints: 500, minimumDurationSeconds: 1e6 }],
  behaviour: { TREATMENT: { ...HEALTHY, errorRate: 0.04 }, CONTROL: HEALTHY },
  requestsPerSecond: 100,
  looks: BROKEN_LOOKS,
})
const median = found.length * 2 > ROLLOUTS ? found[Math.ceil(ROLLOUTS / 2) - 1] : null
say('Error rate 2 % → 4 % at 5 % exposure, 100 requests a second, one look every 2 seconds for an hour:')
say(`  found in ${((100 * found.length) / ROLLOUTS).toFixed(1)} %; median time to rollback ${median ?? '—'} s`)
process.exitCode = isCalibrated ? 0 : 1
