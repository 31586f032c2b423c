import { describedEnum } from '../../shared/described-enum.ts'

export const MetricKindEnum = describedEnum('MetricKind', 'What a metric measures, per unit.', {
  PROPORTION: 'The share of units with at least one event.',
  MEAN: 'The mean over units of the sum of their event values.',
  COUNT: 'The mean over units of the number of their events.',
  RATIO: 'The sum of one quantity over the sum of another, with units as the randomized cluster.',
  QUANTILE:
    'A quantile of the values of all events, such as the 95th percentile of a latency, with units as the randomized cluster; exact to 1 % of the value, so its standard error is at least half of that.',
  RETENTION:
    'The share of units that come back: with an event in a window some time after their first exposure. Units count once their window has passed; those whose window the end of the experiment cuts off never do.',
})

export const MetricAggregateEnum = describedEnum('MetricAggregate', 'How the events of a unit become one number.', {
  SUM: 'The sum of their values.',
  COUNT: 'How many there are.',
})

export const MetricDirectionEnum = describedEnum('MetricDirection', 'Which way is better.', {
  INCREASE: 'More is better.',
  DECREASE: 'Less is better.',
})

export const FilterOperatorEnum = describedEnum('FilterOperator', 'How a property is compared.', {
  EQUALS: 'Equal to the value.',
  IN: 'Equal to one of the values of a list.',
  GREATER_THAN: 'A number greater than the value.',
  GREATER_OR_EQUAL: 'A number not less than the value.',
  LESS_THAN: 'A number less than the value.',
  LESS_OR_EQUAL: 'A number not greater than the value.',
})
