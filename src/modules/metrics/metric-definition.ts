/** What a metric measures, per unit. */
export type MetricKind = 'PROPORTION' | 'MEAN' | 'COUNT' | 'RATIO' | 'QUANTILE' | 'RETENTION'

/** Whether a unit counts 0 or 1. */
export function isRate(kind: MetricKind): boolean {
  return kind === 'PROPORTION' || kind === 'RETENTION'
}

/** How the events of a unit become one number: the sum of their values, or how many there are. */
export type MetricAggregate = 'SUM' | 'COUNT'

export type MetricDirection = 'INCREASE' | 'DECREASE'

export type FilterOperator = 'EQUALS' | 'IN' | 'GREATER_THAN' | 'GREATER_OR_EQUAL' | 'LESS_THAN' | 'LESS_OR_EQUAL'

/** A condition on one property of an event, all of which must hold. */
export interface PropertyFilter {
  property: string
  operator: FilterOperator
  /** A list for IN, one value otherwise. */
  value: unknown
}

/** The metrics that campaigns are judged by: click-through, conversion, cost per click and acquisition, return on investment. */
export type MarketingPreset = 'CTR' | 'CONVERSION_RATE' | 'CPC' | 'CPA' | 'ROI'

/** The events that make one side of a metric. */
export interface EventSource {
  eventName: string
  aggregate: MetricAggregate
  filters: PropertyFilter[]
}

/** One version of a metric; never changed once it is written. */
export interface MetricDefinition {
  kind: MetricKind
  numerator: EventSource
  /** Only for RATIO. */
  denominator: EventSource | null
  /**
   * Only for RATIO: what the numerator exceeds the denominator by is measured, (a − b) / b instead of a / b, as a
   * return on investment is. Absent in versions of other kinds and means false.
   */
  netOfDenominator?: boolean
  /** Which marketing metric it is, if it was made as one; tells the performance summary what its sides count. */
  preset?: MarketingPreset
  direction: MetricDirection
  /** Events count for so many hours after the first exposure of their unit; null: until the experiment ends. */
  conversionWindowHours: number | null
  /**
   * Only for RETENTION: events count from so many hours after the first exposure on, up to the conversion window; units
   * whose window has not passed do not count yet.
   */
  windowStartHours?: number | null
  /**
   * What a unit did so many hours before its first exposure is the covariate of CUPED; null or absent: none. Not for QUANTILE.
   */
  covariateWindowHours?: number | null
  /** Only for QUANTILE: which one of the values of the events, between 0 and 1. */
  quantile?: number | null
  /** A unit's numerator counts for this much at the most, in the metric's unit; null: uncapped. */
  capPerUnit: number | null
}
