import { registerEnumType } from 'type-graphql'

export type OrderDirection = 'ASC' | 'DESC'

export const OrderDirectionEnum = { ASC: 'ASC', DESC: 'DESC' } as const

registerEnumType(OrderDirectionEnum, {
  name: 'OrderDirection',
  description: 'Which end of a list comes first.',
  valuesConfig: {
    ASC: { description: 'The smallest, oldest or alphabetically first.' },
    DESC: { description: 'The largest, newest or alphabetically last.' },
  },
})

/** The direction as the ORM takes it; what has no value comes last either way. */
export function ormDirection(direction: OrderDirection): 'asc nulls last' | 'desc nulls last' {
  return direction === 'ASC' ? 'asc nulls last' : 'desc nulls last'
}
