import { checkCount, checkNumber, checkText, fail, type InputPath, quoted } from '../../shared/input-rules.ts'
import { AMOUNTS } from './amounts.ts'
import {
  type EventSource,
  isRate,
  type MetricAggregate,
  type MetricDefinition,
  type MetricDirection,
  type MetricKind,
  type PropertyFilter,
} from './metric-definition.ts'

/** The parts of a definition as inputs give them; what is absent or null takes its default. */
export interface DefinitionParts {
  eventName: string
  aggregate?: MetricAggregate | null
  filters?: readonly PropertyFilter[] | null
  denominatorEventName?: string | null
  denominatorAggregate?: MetricAggregate | null
  denominatorFilters?: readonly PropertyFilter[] | null
  netOfDenominator?: boolean | null
  direction?: MetricDirection | null
  conversionWindowHours?: number | null
  windowStartHours?: number | null
  covariateWindowHours?: number | null
  quantile?: number | null
  capPerUnit?: number | null
}

const MAX_EVENT_NAME = 200
const MAX_PROPERTY = 200
const MAX_FILTERS = 20
const MAX_FILTER_VALUES = 100
const MAX_FILTER_TEXT = 1_000
/** Two years, in hours. */
const MAX_WINDOW_HOURS = 17_520
/** 90 days, in hours: as long as the log is kept unless told. */
const MAX_COVARIATE_HOURS = 2_160
/** Farther out, no sample is large enough. */
const QUANTILES = { min: 0.001, max: 0.999 }
/** A cap is as large as a value may be. */
const CAPS = { min: AMOUNTS.smallest, max: AMOUNTS.largest }

/** What kinds other than RATIO make of the events of a unit. */
const FIXED_AGGREGATE: Record<Exclude<MetricKind, 'RATIO'>, MetricAggregate> = {
  PROPORTION: 'COUNT',
  COUNT: 'COUNT',
  MEAN: 'SUM',
  QUANTILE: 'SUM',
  RETENTION: 'COUNT',
}

/** @throws DomainError METRIC_DEFINITION_INVALID, EVENT_NAME_INVALID, TEXT_INVALID or BAD_USER_INPUT */
export function defineMetric(kind: MetricKind, parts: DefinitionParts): MetricDefinition {
  checkFit(kind, parts)
  return {
    kind,
    numerator: {
      eventName: checkEventName(['eventName'], parts.eventName),
      aggregate: kind === 'RATIO' ? (parts.aggregate ?? 'SUM') : FIXED_AGGREGATE[kind],
      filters: checkFilters(['filters'], parts.filters ?? []),
    },
    denominator: kind === 'RATIO' ? denominatorOf(parts) : null,
    ...(kind === 'RATIO' && { netOfDenominator: parts.netOfDenominator ?? false }),
    direction: parts.direction ?? 'INCREASE',
    conversionWindowHours:
      parts.conversionWindowHours == null
        ? null
        : checkNumber(['conversionWindowHours'], parts.conversionWindowHours, { above: 0, max: MAX_WINDOW_HOURS }),
    ...(kind === 'RETENTION' && { windowStartHours: checkWindowStart(parts) }),
    covariateWindowHours:
      parts.covariateWindowHours == null
        ? null
        : checkNumber(['covariateWindowHours'], parts.covariateWindowHours, { above: 0, max: MAX_COVARIATE_HOURS }),
    ...(kind === 'QUANTILE' && { quantile: checkQuantile(parts) }),
    capPerUnit: parts.capPerUnit == null ? null : checkNumber(['capPerUnit'], parts.capPerUnit, CAPS),
  }
}

/** The parts that a definition was made of, so that an update can replace some of them. */
export function partsOf(definition: MetricDefinition): DefinitionParts {
  const { kind, numerator, denominator } = definition
  const ratio = kind === 'RATIO'
  return {
    eventName: numerator.eventName,
    aggregate: ratio ? numerator.aggregate : null,
    filters: numerator.filters,
    denominatorEventName: denominator?.eventName ?? null,
    denominatorAggregate: denominator?.aggregate ?? null,
    denominatorFilters: denominator?.filters ?? null,
    netOfDenominator: ratio ? (definition.netOfDenominator ?? false) : null,
    direction: definition.direction,
    conversionWindowHours: definition.conversionWindowHours,
    windowStartHours: definition.windowStartHours ?? null,
    covariateWindowHours: definition.covariateWindowHours ?? null,
    quantile: definition.quantile ?? null,
    capPerUnit: definition.capPerUnit,
  }
}

function checkFit(kind: MetricKind, parts: DefinitionParts): void {
  if (kind !== 'QUANTILE' && parts.quantile != null) {
    unfit(['quantile'], `is ${parts.quantile}; only a QUANTILE asks for one; this is a ${kind}.`)
  }
  if (kind === 'RATIO') {
    if (parts.denominatorEventName == null) {
      unfit(['denominatorEventName'], 'is missing; a RATIO needs the events of its denominator.')
    }
    return
  }
  for (const name of ['denominatorEventName', 'denominatorAggregate', 'denominatorFilters'] as const) {
    if (parts[name] != null) unfit([name], `is given, but only a RATIO has a denominator; this is a ${kind}.`)
  }
  if (parts.netOfDenominator) {
    unfit(['netOfDenominator'], `is true, but only a RATIO has a denominator; this is a ${kind}.`)
  }
  if (kind === 'QUANTILE') checkQuantileFit(parts)
  if (kind !== 'RETENTION' && parts.windowStartHours != null) {
    unfit(
      ['windowStartHours'],
      `is ${parts.windowStartHours}; only a RETENTION counts from later on; this is a ${kind}.`,
    )
  }
  if (isRate(kind)) {
    if (parts.aggregate != null) {
      unfit(['aggregate'], `is ${parts.aggregate}; a ${kind} asks whether there is an event and takes none.`)
    }
    if (parts.capPerUnit != null) {
      unfit(['capPerUnit'], `is ${parts.capPerUnit}; a unit of a ${kind} counts 0 or 1 and takes no cap.`)
    }
  } else if (kind !== 'QUANTILE' && parts.aggregate != null && parts.aggregate !== FIXED_AGGREGATE[kind]) {
    const other = kind === 'MEAN' ? 'COUNT' : 'MEAN'
    unfit(
      ['aggregate'],
      `is ${parts.aggregate}; a ${kind} takes ${FIXED_AGGREGATE[kind]}. The kind for this is ${other}.`,
    )
  }
}

function checkQuantileFit(parts: DefinitionParts): void {
  if (parts.aggregate != null) {
    unfit(['aggregate'], `is ${parts.aggregate}; a QUANTILE is one of the values themselves and takes none.`)
  }
  if (parts.covariateWindowHours != null) {
    unfit(['covariateWindowHours'], `is ${parts.covariateWindowHours}; a QUANTILE has no covariate.`)
  }
  if (parts.capPerUnit != null) {
    unfit(['capPerUnit'], `is ${parts.capPerUnit}; a QUANTILE does not follow outliers and takes no cap.`)
  }
}

function checkQuantile({ quantile }: DefinitionParts): number {
  if (quantile == null) unfit(['quantile'], 'is missing; a QUANTILE says which one, such as 0.95.')
  return checkNumber(['quantile'], quantile, QUANTILES)
}

/** Retention is seen between two points in time, such as day 7 and day 14. */
function checkWindowStart({ windowStartHours, conversionWindowHours }: DefinitionParts): number {
  if (windowStartHours == null)
    unfit(['windowStartHours'], 'is missing; a RETENTION begins to count some hours after the exposure.')
  if (conversionWindowHours == null)
    unfit(['conversionWindowHours'], 'is missing; a RETENTION ends to count some hours after the exposure.')
  checkNumber(['windowStartHours'], windowStartHours, { above: 0, max: MAX_WINDOW_HOURS })
  if (windowStartHours >= conversionWindowHours) {
    unfit(
      ['windowStartHours'],
      `is ${windowStartHours}; it must lie before the end of the window, ${conversionWindowHours}.`,
    )
  }
  return windowStartHours
}

function denominatorOf(parts: DefinitionParts): EventSource {
  return {
    eventName: checkEventName(['denominatorEventName'], parts.denominatorEventName!),
    aggregate: parts.denominatorAggregate ?? parts.aggregate ?? 'SUM',
    filters: checkFilters(['denominatorFilters'], parts.denominatorFilters ?? []),
  }
}

/** The name of an event that clients track. */
export function checkEventName(path: InputPath, name: string): string {
  return checkText(path, name, { min: 1, max: MAX_EVENT_NAME, code: 'EVENT_NAME_INVALID' })
}

function checkFilters(path: InputPath, filters: readonly PropertyFilter[]): PropertyFilter[] {
  checkCount(path, filters, MAX_FILTERS)
  return filters.map(({ property, operator, value }, index) => {
    const at = [...path, index]
    checkText([...at, 'property'], property, { min: 1, max: MAX_PROPERTY })
    checkFilterValue([...at, 'value'], operator, value)
    return { property, operator, value }
  })
}

function checkFilterValue(path: InputPath, operator: PropertyFilter['operator'], value: unknown): void {
  if (operator === 'EQUALS') checkScalar(path, value)
  else if (operator === 'IN') {
    if (!Array.isArray(value) || value.length === 0 || value.length > MAX_FILTER_VALUES) {
      unfit(path, `is ${quoted(value)}; IN takes a list of 1 to ${MAX_FILTER_VALUES} values.`)
    }
    for (const [index, item] of value.entries()) checkScalar([...path, index], item)
  } else if (typeof value !== 'number' || !Number.isFinite(value)) {
    unfit(path, `is ${quoted(value)}; ${operator} takes a number.`)
  }
}

function checkScalar(path: InputPath, value: unknown): void {
  if (typeof value === 'string') checkText(path, value, { max: MAX_FILTER_TEXT })
  else if (typeof value !== 'boolean' && !(typeof value === 'number' && Number.isFinite(value))) {
    unfit(path, `is ${quoted(value)}; it takes a text, a number, true or false.`)
  }
}

function unfit(path: InputPath, rest: string): never {
  fail('METRIC_DEFINITION_INVALID', path, rest)
}
