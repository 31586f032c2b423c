import { assertOpenFraction } from '../domain-checks.ts'
import { gaussLegendre } from '../special-functions/gauss-legendre.ts'
import { reachOf } from '../special-functions/posterior-grid.ts'
import { betaPosterior } from '../special-functions/posteriors.ts'
import { betaLogTails, logBetaKernel } from '../special-functions/regularized-beta.ts'
import { type BetaBelief, betaMean } from './beta-binomial.ts'

const PANEL = gaussLegendre(16)
/** Panels shrink by this factor towards a kink, this many times: to 1e-13 of the panel next to it. */
const GRADING = 4
const GRADINGS = 22

/** A rate with its complement, each without the other's rounding. */
interface Rate {
  rate: number
  complement: number
}

/** The other rate at which the effect would be exactly this, given one; its change per effect; where it leaves (0, 1). */
interface Effect {
  treatmentOf(control: Rate, effect: number): Rate & { slope: number }
  controlOf(treatment: Rate, effect: number): Rate & { slope: number }
  controlKinks(effect: number): number[]
  treatmentKinks(effect: number): number[]
  of(control: number, treatment: number): number
  highest: number
}

const DIFFERENCE: Effect = {
  treatmentOf: ({ rate, complement }, effect) => ({ rate: rate + effect, complement: complement - effect, slope: 1 }),
  controlOf: ({ rate, complement }, effect) => ({ rate: rate - effect, complement: complement + effect, slope: 1 }),
  controlKinks: (effect) => [-effect, 1 - effect],
  treatmentKinks: (effect) => [effect, 1 + effect],
  of: (control, treatment) => treatment - control,
  highest: 1,
}

const LIFT: Effect = {
  treatmentOf: ({ rate, complement }, effect) => ({
    rate: rate * (1 + effect),
    complement: complement - rate * effect,
    slope: rate,
  }),
  controlOf: ({ rate, complement }, effect) => ({
    rate: rate / (1 + effect),
    complement: (complement + effect) / (1 + effect),
    slope: rate / (1 + effect) ** 2,
  }),
  controlKinks: (effect) => [1 / (1 + effect)],
  treatmentKinks: (effect) => [1 + effect],
  of: (control, treatment) => treatment / control - 1,
  highest: Number.POSITIVE_INFINITY,
}

/** The value that p_t − p_c does not exceed with probability p, for independent beliefs. @param p - 0 < p < 1 */
export function betaDifferenceQuantile(control: BetaBelief, treatment: BetaBelief, p: number): number {
  return effectQuantile(control, treatment, p, DIFFERENCE)
}

/** The value that p_t/p_c − 1 does not exceed with probability p, for independent beliefs. @param p - 0 < p < 1 */
export function betaLiftQuantile(control: BetaBelief, treatment: BetaBelief, p: number): number {
  return effectQuantile(control, treatment, p, LIFT)
}

/** Solves P(effect ≤ x) = p by Newton's steps inside a shrinking bracket. */
function effectQuantile(control: BetaBelief, treatment: BetaBelief, p: number, effect: Effect): number {
  assertOpenFraction(p, 'p')
  const cumulative = cumulativeOf(control, treatment, effect)
  const scale = (deviation(control) + deviation(treatment)) * 1e-3
  let low = -1
  let high = effect.highest
  let x = Math.max(effect.of(betaMean(control), betaMean(treatment)), -0.5)
  for (let step = 0; step < 200; step++) {
    const { below, density } = cumulative(x)
    if (below < p) low = x
    else high = x
    let next = x - (below - p) / density
    if (!(next > low && next < high)) next = Number.isFinite(high) ? (low + high) / 2 : 2 * x + 1
    if (Math.abs(next - x) <= 1e-12 * Math.max(Math.abs(x), scale) || next === low || next === high) return next
    x = next
  }
  return x
}

/**
 * P(effect ≤ x) and its derivative: over the narrower belief, so that the other's distribution function is smooth on its panels,
 * by quadrature in its log-odds, with panels that shrink towards where the other rate would leave (0, 1).
 */
function cumulativeOf(control: BetaBelief, treatment: BetaBelief, effect: Effect) {
  const overControl = deviation(control) <= deviation(treatment)
  const [base, other] = overControl ? [control, treatment] : [treatment, control]
  const posterior = betaPosterior(base.alpha, base.beta)
  const from = posterior.centre - reachOf(posterior, -1)
  const to = posterior.centre + reachOf(posterior, 1)
  const count = Math.ceil((to - from) / posterior.scale)
  const panels = Array.from({ length: count + 1 }, (_, index) => from + ((to - from) * index) / count)
  return (x: number): { below: number; density: number } => {
    let total = 0
    let below = 0
    let density = 0
    const kinks = overControl ? effect.controlKinks(x) : effect.treatmentKinks(x)
    const edges = gradedEdges(panels, kinks, posterior.scale)
    for (let panel = 0; panel + 1 < edges.length; panel++) {
      const half = (edges[panel + 1]! - edges[panel]!) / 2
      for (const [index, node] of PANEL.nodes.entries()) {
        const logOdds = edges[panel]! + half * (1 + node)
        const mass = half * PANEL.weights[index]! * Math.exp(posterior.logDensity(logOdds))
        total += mass
        const rate = rateAt(logOdds)
        const shifted = overControl ? effect.treatmentOf(rate, x) : effect.controlOf(rate, x)
        if (shifted.rate <= 0 || shifted.complement <= 0) {
          // A treatment would have to exceed 1, or a control to fall below 0: surely it does not.
          if (overControl ? shifted.complement <= 0 : shifted.rate <= 0) below += mass
          continue
        }
        const tails = betaLogTails(shifted.rate, shifted.complement, other.alpha, other.beta)
        below += mass * Math.exp(overControl ? tails.lower : tails.upper)
        const kernel = Math.exp(logBetaKernel(shifted.rate, shifted.complement, other.alpha, other.beta))
        density += (mass * shifted.slope * kernel) / shifted.rate / shifted.complement
      }
    }
    return { below: below / total, density: density / total }
  }
}

/** Panel edges with those towards each kink added. */
function gradedEdges(panels: readonly number[], kinks: readonly number[], scale: number): number[] {
  const edges = [...panels]
  for (const rate of kinks) {
    if (!(rate > 0 && rate < 1)) continue
    const kink = Math.log(rate) - Math.log1p(-rate)
    if (!(kink > panels[0]! && kink < panels.at(-1)!)) continue
    edges.push(kink)
    for (let grade = 0, distance = scale; grade < GRADINGS; grade++, distance /= GRADING) {
      edges.push(kink - distance, kink + distance)
    }
  }
  const [first, last] = [panels[0]!, panels.at(-1)!]
  return edges.filter((edge) => edge >= first && edge <= last).sort((a, b) => a - b)
}

function rateAt(logOdds: number): Rate {
  const odds = Math.exp(-Math.abs(logOdds))
  const [small, large] = [odds / (1 + odds), 1 / (1 + odds)]
  return logOdds < 0 ? { rate: small, complement: large } : { rate: large, complement: small }
}

function deviation({ alpha, beta }: BetaBelief): number {
  const total = alpha + beta
  return Math.sqrt(((alpha / total) * (beta / total)) / (total + 1))
}
