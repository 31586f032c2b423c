import { registerEnumType } from 'type-graphql'

export const MetricKindEnum = {
  PROPORTION: 'PROPORTION',
  MEAN: 'MEAN',
  COUNT: 'COUNT',
  RATIO: 'RATIO',
  QUANTILE: 'QUANTILE',
  RETENTION: 'RETENTION',
} as const
registerEnumType(MetricKindEnum, {
  name: 'MetricKind',
  description: 'What a metric measures, per unit.',
  valuesConfig: {
    PROPORTION: { description: 'The share of units with at least one event.' },
    MEAN: { description: 'The mean over units of the sum of their event values.' },
    COUNT: { description: 'The mean over units of the number of their events.' },
    RATIO: { description: 'The sum of one quantity over the sum of another, with units as the randomized cluster.' },
    QUANTILE: {
      description:
        'A quantile of the values of all events, such as the 95th percentile of a latency, with units as the randomized cluster; exact to 1 % of the value.',
    },
    RETENTION: {
      description:
        'The share of units that come back: with an event in a window some time after their first exposure. Units count once their window has passed; those whose window the end of the experiment cuts off never do.',
    },
  },
})

export const MetricAggregateEnum = { SUM: 'SUM', COUNT: 'COUNT' } as const
registerEnumType(MetricAggregateEnum, {
  name: 'MetricAggregate',
  description: 'How the events of a unit become one number.',
  valuesConfig: { SUM: { description: 'The sum of their values.' }, COUNT: { description: 'How many there are.' } },
})

export const MetricDirectionEnum = { INCREASE: 'INCREASE', DECREASE: 'DECREASE' } as const
registerEnumType(MetricDirectionEnum, {
  name: 'MetricDirection',
  description: 'Which way is better.',
  valuesConfig: { INCREASE: { description: 'More is better.' }, DECREASE: { description: 'Less is better.' } },
})

export const FilterOperatorEnum = {
  EQUALS: 'EQUALS',
  IN: 'IN',
  GREATER_THAN: 'GREATER_THAN',
  GREATER_OR_EQUAL: 'GREATER_OR_EQUAL',
  LESS_THAN: 'LESS_THAN',
  LESS_OR_EQUAL: 'LESS_OR_EQUAL',
} as const
registerEnumType(FilterOperatorEnum, {
  name: 'FilterOperator',
  description: 'How a property is compared.',
  valuesConfig: {
    EQUALS: { description: 'Equal to the value.' },
    IN: { description: 'Equal to one of the values of a list.' },
    GREATER_THAN: { description: 'A number greater than the value.' },
    GREATER_OR_EQUAL: { description: 'A number not less than the value.' },
    LESS_THAN: { description: 'A number less than the value.' },
    LESS_OR_EQUAL: { description: 'A number not greater than the value.' },
  },
})
