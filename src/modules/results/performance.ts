import type { MarketingPreset } from '../metrics/metric-definition.ts'
import type { MetricResult, VariantResult } from './metric-result.ts'
import type { SubjectVariant } from './result-subject.ts'

/** What a campaign's variant did, in counts and ratios; null where no metric of the experiment tells. */
export interface Performance {
  variant: SubjectVariant
  impressions: number | null
  clicks: number | null
  conversions: number | null
  spend: number | null
  revenue: number | null
  clickThroughRate: number | null
  conversionRate: number | null
  costPerClick: number | null
  costPerAcquisition: number | null
  returnOnInvestment: number | null
}

/** One summary per variant, from the marketing metrics of the experiment; empty if it has none. */
export function performanceOf(variants: readonly SubjectVariant[], metrics: readonly MetricResult[]): Performance[] {
  const presets = new Map(
    metrics.flatMap((metric) => (metric.definition.preset ? [[metric.definition.preset, metric] as const] : [])),
  )
  if (presets.size === 0) return []
  return variants.map((variant) => {
    const of = (preset: MarketingPreset): VariantResult | undefined =>
      presets.get(preset)?.variants.find((result) => result.variant.id === variant.id)
    const ctr = of('CTR')
    const conversionRate = of('CONVERSION_RATE')
    const cpc = of('CPC')
    const cpa = of('CPA')
    const roi = of('ROI')
    return {
      variant,
      impressions: ctr?.denominatorTotal ?? null,
      clicks: ctr?.total ?? conversionRate?.denominatorTotal ?? cpc?.denominatorTotal ?? null,
      conversions: conversionRate?.total ?? cpa?.denominatorTotal ?? null,
      spend: cpc?.total ?? cpa?.total ?? roi?.denominatorTotal ?? null,
      revenue: roi?.total ?? null,
      clickThroughRate: ctr?.mean ?? null,
      conversionRate: conversionRate?.mean ?? null,
      costPerClick: cpc?.mean ?? null,
      costPerAcquisition: cpa?.mean ?? null,
      returnOnInvestment: roi?.mean ?? null,
    }
  })
}
