import { checkText } from './input-rules.ts'

/** A condition of the ORM: one of the properties contains the text, in any case of letters. */
export function containsText(text: string, properties: readonly string[]): object {
  checkText(['filter', 'text'], text, { min: 1, max: 200 })
  const pattern = `%${text.replace(/[\\%_]/g, '\\$&')}%`
  return { $or: properties.map((property) => ({ [property]: { $ilike: pattern } })) }
}
