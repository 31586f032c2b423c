/** A small seeded generator of doubles in [0, 1): the same seed gives the same run everywhere. @see Vigna (2015), splitmix and Mulberry32 */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Successes among `trials`: the gaps between successes are geometric, so that it takes as many draws as there are successes. */
export function binomialDraw(random: () => number, trials: number, rate: number): number {
  if (rate === 0) return 0
  const logRest = Math.log1p(-rate)
  let successes = 0
  let trial = Math.floor(Math.log(1 - random()) / logRest)
  while (trial < trials) {
    successes++
    trial += 1 + Math.floor(Math.log(1 - random()) / logRest)
  }
  return successes
}

/** A standard normal deviate. @see Box, Muller (1958), Annals of Mathematical Statistics 29, 610–611 */
export function normalDraw(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}
