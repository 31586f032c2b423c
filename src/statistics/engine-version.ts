/** Of everything that turns aggregates into numbers and recommendations; raised whenever any of them could come out different. */
export const ENGINE_VERSION = '3'
