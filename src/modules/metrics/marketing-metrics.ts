import type { MarketingPreset } from './metric-definition.ts'
import type { DefinitionParts } from './metric-definition-rules.ts'

/** Names of the events that marketing metrics are built on. */
export interface MarketingEvents {
  impression: string
  click: string
  conversion: string
  /** Its value is the money spent. */
  spend: string
  /** Its value is the money earned. */
  revenue: string
}

export interface MetricPreset {
  preset: MarketingPreset
  key: string
  name: string
  description: string
  parts: DefinitionParts
}

/**
 * The five metrics that campaigns are judged by. Each is a RATIO of sums over all units of a variant, so that its
 * denominator may be zero for a single unit, and units stay the randomized cluster.
 */
export function marketingMetrics(keyPrefix: string, events: MarketingEvents): MetricPreset[] {
  return [
    {
      preset: 'CTR',
      key: `${keyPrefix}ctr`,
      name: 'Click-through rate (CTR)',
      description: 'Clicks per impression.',
      parts: ratio(counted(events.click), over(counted(events.impression)), 'INCREASE'),
    },
    {
      preset: 'CONVERSION_RATE',
      key: `${keyPrefix}conversion_rate`,
      name: 'Conversion rate',
      description: 'Conversions per click.',
      parts: ratio(counted(events.conversion), over(counted(events.click)), 'INCREASE'),
    },
    {
      preset: 'CPC',
      key: `${keyPrefix}cpc`,
      name: 'Cost per click (CPC)',
      description: 'Spend per click, in the unit of the spend.',
      parts: ratio(summed(events.spend), over(counted(events.click)), 'DECREASE'),
    },
    {
      preset: 'CPA',
      key: `${keyPrefix}cpa`,
      name: 'Cost per acquisition (CPA)',
      description: 'Spend per conversion, in the unit of the spend.',
      parts: ratio(summed(events.spend), over(counted(events.conversion)), 'DECREASE'),
    },
    {
      preset: 'ROI',
      key: `${keyPrefix}roi`,
      name: 'Return on investment (ROI)',
      description: '(Revenue − spend) / spend: 0.25 earns 1.25 for each 1 spent, −1 earns nothing.',
      parts: {
        ...ratio(summed(events.revenue), over(summed(events.spend)), 'INCREASE'),
        netOfDenominator: true,
      },
    },
  ]
}

type Numerator = Pick<DefinitionParts, 'eventName' | 'aggregate'>
type Denominator = Pick<DefinitionParts, 'denominatorEventName' | 'denominatorAggregate'>

function counted(eventName: string): Numerator {
  return { eventName, aggregate: 'COUNT' }
}

function summed(eventName: string): Numerator {
  return { eventName, aggregate: 'SUM' }
}

function over({ eventName, aggregate }: Numerator): Denominator {
  return { denominatorEventName: eventName, denominatorAggregate: aggregate }
}

function ratio(numerator: Numerator, denominator: Denominator, direction: 'INCREASE' | 'DECREASE'): DefinitionParts {
  return { ...numerator, ...denominator, direction }
}
