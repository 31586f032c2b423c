import { describedEnum } from './described-enum.ts'

export type OrderDirection = 'ASC' | 'DESC'

export const OrderDirectionEnum = describedEnum('OrderDirection', 'Which end of a list comes first.', {
  ASC: 'The smallest, oldest or alphabetically first.',
  DESC: 'The largest, newest or alphabetically last.',
})

/** The direction as the ORM takes it; what has no value comes last either way. */
export function ormDirection(direction: OrderDirection): 'asc nulls last' | 'desc nulls last' {
  return direction === 'ASC' ? 'asc nulls last' : 'desc nulls last'
}
