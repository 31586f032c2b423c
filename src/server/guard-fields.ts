import {
  defaultFieldResolver,
  type GraphQLFieldResolver,
  type GraphQLSchema,
  getNamedType,
  isObjectType,
  isUnionType,
} from 'graphql'
import { isResultMember, toErrorMember } from '../shared/errors.graphql.ts'
import { checkTexts } from '../shared/input-rules.ts'

type Resolve = GraphQLFieldResolver<unknown, unknown>

/** What holds for the fields of the whole schema, whatever resolves them. */
export function guardFields(schema: GraphQLSchema): GraphQLSchema {
  const mutations = schema.getMutationType()
  for (const type of Object.values(schema.getTypeMap()).filter(isObjectType)) {
    for (const field of Object.values(type.getFields())) {
      const answer = getNamedType(field.type)
      // Batches reject their items one by one.
      if (field.args.length > 0 && answer.name !== 'Receipt') {
        field.resolve = withTextsChecked(field.resolve ?? defaultFieldResolver)
        if (field.subscribe) field.subscribe = withTextsChecked(field.subscribe)
      }
      if (type === mutations && isUnionType(answer)) field.resolve = withFailuresAsMembers(field.resolve!)
    }
  }
  return schema
}

/** No text that PostgreSQL refuses gets past the arguments, wherever it stands in them. */
function withTextsChecked(resolve: Resolve): Resolve {
  return (source, args, context, info) => {
    checkTexts(args)
    return resolve(source, args, context, info)
  }
}

/** A mutation that answers a result union gives the failures a caller can act on as members of it. */
function withFailuresAsMembers(resolve: Resolve): Resolve {
  return async (source, args, context, info) => {
    try {
      return await resolve(source, args, context, info)
    } catch (error) {
      if (isResultMember(error)) return toErrorMember(error)
      throw error
    }
  }
}
