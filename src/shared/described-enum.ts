import { registerEnumType } from 'type-graphql'

/** An enum of the schema whose values are their own names. @param values - what each of them means */
export function describedEnum<Value extends string>(
  name: string,
  description: string,
  values: Readonly<Record<Value, string>>,
): { readonly [Name in Value]: Name } {
  const names = Object.keys(values) as Value[]
  const enumObject = Object.fromEntries(names.map((value) => [value, value])) as { [Name in Value]: Name }
  registerEnumType(enumObject, {
    name,
    description,
    valuesConfig: Object.fromEntries(names.map((value) => [value, { description: values[value] }])) as {
      [Name in Value]: { description: string }
    },
  })
  return enumObject
}
