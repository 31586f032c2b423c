import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isInterfaceType,
  isListType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  visit,
} from 'graphql'
import type { Viewer } from '../modules/organizations/viewer.ts'
import { DomainError } from '../shared/domain-error.ts'

/** Limits of one document, the same on every transport. */
export const DOCUMENT_LIMITS = {
  /** Lexical tokens; large input belongs into variables. */
  tokens: 5_000,
  /** Brackets inside each other, in the document or in the variables. */
  nesting: 500,
  /** Fields inside each other, introspection aside. */
  depth: 15,
  aliases: 100,
  directives: 50,
  /** Objects that it may ask for: a connection counts its page size, another list LIST_SIZE. */
  cost: 200_000,
  /** Validation errors that are told. */
  errors: 5,
} as const

/** What a list without a page size is taken to hold. */
const LIST_SIZE = 5
const DEFAULT_PAGE_SIZE = 20
const MOST_PAGE_SIZE = 100

export interface ValidOperation {
  schema: GraphQLSchema
  /** Valid against the schema, so that its fragments do not form a circle. */
  document: DocumentNode
  operation: OperationDefinitionNode
  variables: Readonly<Record<string, unknown>> | null | undefined
}

/** @throws DomainError DOCUMENT_TOO_COMPLEX; INTROSPECTION_DISABLED for a viewer without schema:read */
export function assertWithinPolicy(valid: ValidOperation, viewer: Viewer): void {
  assertCounts(valid.document)
  const { depth, cost, introspects } = measure(valid)
  assertAtMost('depth', depth, DOCUMENT_LIMITS.depth)
  assertAtMost('cost', cost, DOCUMENT_LIMITS.cost)
  if (introspects && !viewer.can('schema:read')) {
    throw new DomainError(
      'INTROSPECTION_DISABLED',
      'Reading the schema needs schema:read, which this key does not hold.',
    )
  }
}

function assertCounts(document: DocumentNode): void {
  let aliases = 0
  let directives = 0
  visit(document, {
    Field({ alias }) {
      if (alias) aliases++
    },
    Directive() {
      directives++
    },
  })
  assertAtMost('number of aliases', aliases, DOCUMENT_LIMITS.aliases)
  assertAtMost('number of directives', directives, DOCUMENT_LIMITS.directives)
}

function assertAtMost(what: string, got: number, most: number): void {
  if (got > most) {
    throw new DomainError('DOCUMENT_TOO_COMPLEX', `The ${what} of the document is ${got}; at most ${most} is taken.`)
  }
}

interface Measure {
  depth: number
  cost: number
  introspects: boolean
}

const NOTHING: Measure = { depth: 0, cost: 0, introspects: false }

function measure({ schema, document, operation, variables }: ValidOperation): Measure {
  const fragments = new Map(
    document.definitions
      .filter((definition): definition is FragmentDefinitionNode => definition.kind === Kind.FRAGMENT_DEFINITION)
      .map((fragment) => [fragment.name.value, fragment]),
  )
  const defaults = new Map(
    operation.variableDefinitions?.flatMap(({ variable, defaultValue }) =>
      defaultValue && 'value' in defaultValue ? [[variable.name.value, String(defaultValue.value)] as const] : [],
    ),
  )
  // A fragment is measured once, however often it is spread.
  const measured = new Map<string, Measure>()

  function ofSelections({ selections }: SelectionSetNode, type: GraphQLNamedType | undefined): Measure {
    return selections
      .map((selection) => {
        if (selection.kind === Kind.FIELD) return ofField(selection, type)
        if (selection.kind === Kind.INLINE_FRAGMENT) {
          const condition = selection.typeCondition
          return ofSelections(selection.selectionSet, condition ? schema.getType(condition.name.value) : type)
        }
        return ofFragment(selection.name.value)
      })
      .reduce(together, NOTHING)
  }

  function ofFragment(name: string): Measure {
    const known = measured.get(name)
    if (known) return known
    const fragment = fragments.get(name)
    const found = fragment
      ? ofSelections(fragment.selectionSet, schema.getType(fragment.typeCondition.name.value))
      : NOTHING
    measured.set(name, found)
    return found
  }

  function ofField(node: FieldNode, parent: GraphQLNamedType | undefined): Measure {
    const name = node.name.value
    if (name === '__schema' || name === '__type') return { depth: 1, cost: 1, introspects: true }
    const field = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name] : undefined
    if (!node.selectionSet) return { depth: 1, cost: 0, introspects: false }
    const inner = ofSelections(node.selectionSet, field && getNamedType(field.type))
    const size = field ? sizeOf(field, node, parent!, variables, defaults) : 1
    return { depth: inner.depth + 1, cost: size * (1 + inner.cost), introspects: inner.introspects }
  }

  return ofSelections(operation.selectionSet, schema.getRootType(operation.operation) ?? undefined)
}

function together(a: Measure, b: Measure): Measure {
  return { depth: Math.max(a.depth, b.depth), cost: a.cost + b.cost, introspects: a.introspects || b.introspects }
}

/** How many objects a field answers with, at the most. */
function sizeOf(
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
  parent: GraphQLNamedType,
  variables: ValidOperation['variables'],
  defaults: ReadonlyMap<string, string>,
): number {
  const isPage = field.args.some(({ name }) => name === 'first')
  if (!isPage) return isListType(getNullableType(field.type)) && !isConnection(parent) ? LIST_SIZE : 1
  const sizes = (node.arguments ?? [])
    .filter(({ name }) => name.value === 'first' || name.value === 'last')
    .map(({ value }) =>
      Number(
        value.kind === Kind.VARIABLE
          ? (variables?.[value.name.value] ?? defaults.get(value.name.value))
          : 'value' in value && value.value,
      ),
    )
    .filter((size) => size > 0)
  return Math.min(MOST_PAGE_SIZE, Math.max(...sizes, sizes.length > 0 ? 0 : DEFAULT_PAGE_SIZE))
}

/** Its edges were counted with the page. */
function isConnection({ name }: GraphQLNamedType): boolean {
  return name.endsWith('Connection')
}
