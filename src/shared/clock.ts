/** Time is a parameter: rules and services never read it from the machine themselves. */
export type Clock = () => Date

export const systemClock: Clock = () => new Date()
