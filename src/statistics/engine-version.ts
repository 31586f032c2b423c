/**
 * Of everything that turns aggregates and health samples into numbers, recommendations and verdicts; raised whenever any of them
 * could come out different.
 */
export const ENGINE_VERSION = '3'
