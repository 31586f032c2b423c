import { Lexer, Source, TokenKind } from 'graphql'
import { DomainError } from '../shared/domain-error.ts'
import { DOCUMENT_LIMITS } from './document-policy.ts'

const STEPS: Partial<Record<TokenKind, number>> = {
  [TokenKind.BRACE_L]: 1,
  [TokenKind.BRACKET_L]: 1,
  [TokenKind.PAREN_L]: 1,
  [TokenKind.BRACE_R]: -1,
  [TokenKind.BRACKET_R]: -1,
  [TokenKind.PAREN_R]: -1,
}

/**
 * What is parsed, checked and printed by recursion must not use up the stack: brackets inside each other are counted before,
 * in the document and in the variables.
 * @param variables - as they came: an object, its JSON, or anything else
 * @throws DomainError DOCUMENT_TOO_COMPLEX
 */
export function assertShallow(query: unknown, variables: unknown): void {
  const most = DOCUMENT_LIMITS.nesting
  const what =
    typeof query === 'string' && documentNestsBeyond(most, query)
      ? 'document nests'
      : valueNestsBeyond(most, typeof variables === 'string' ? parsed(variables) : variables) && 'variables nest'
  if (what) throw new DomainError('DOCUMENT_TOO_COMPLEX', `The ${what} deeper than ${most} levels.`)
}

function documentNestsBeyond(most: number, query: string): boolean {
  if (query.length <= most) return false
  const lexer = new Lexer(new Source(query))
  let depth = 0
  try {
    for (let tokens = 0; tokens < DOCUMENT_LIMITS.tokens; tokens++) {
      const { kind } = lexer.advance()
      if (kind === TokenKind.EOF) return false
      depth += STEPS[kind] ?? 0
      if (depth > most) return true
    }
  } catch {
    // The parser says what is wrong, or that these are too many tokens; it comes no deeper than here.
  }
  return false
}

function valueNestsBeyond(most: number, value: unknown): boolean {
  let level = [value].filter(isObject)
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > most) return true
    const next: object[] = []
    for (const parent of level) for (const child of Object.values(parent)) if (isObject(child)) next.push(child)
    level = next
  }
  return false
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return null
  }
}
