import { createContext, Script } from 'node:vm'
import { Ajv, type ErrorObject, type Options, type ValidateFunction } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormatsPlugin, { type FormatsPlugin } from 'ajv-formats'
import { fail, type InputPath, quoted } from '../../shared/input-rules.ts'
import { linearRegex } from '../targeting/linear-regex.ts'

export type Json = Record<string, unknown>

/** Longest that compiling a schema or checking the configs of an experiment may take, in milliseconds. */
const MAX_MS = 1_000
const DRAFT_07 = /^https?:\/\/json-schema\.org\/draft-07\/schema#?$/
const DRAFT_2020 = /^https?:\/\/json-schema\.org\/draft\/2020-12\/schema#?$/
const addFormats = addFormatsPlugin as unknown as FormatsPlugin

const OPTIONS: Options = {
  // A keyword that is misspelled would check nothing, silently.
  strictSchema: true,
  strictTypes: false,
  strictTuples: false,
  strictRequired: false,
  // A config's own properties only: `required: ["toString"]` is not met by the prototype.
  ownProperties: true,
  allErrors: false,
  logger: false,
  code: { regExp: Object.assign(linearEngine, { code: 'linearEngine' }) },
}

/** The patterns of a schema run in linear time; a backtracking engine could be kept busy for hours by one config. */
function linearEngine(pattern: string): { test(text: string): boolean } {
  const regex = linearRegex(pattern, false)
  if (!regex) {
    throw new Error(`the pattern ${JSON.stringify(pattern)} is not one of RE2 (no look-around, no back-references)`)
  }
  return { test: (text) => regex.matcher(text).find() }
}

/**
 * Checks configs by a JSON Schema of draft 2020-12, or draft-07 if its `$schema` says so. References stay inside the
 * schema; nothing is fetched.
 */
export class ConfigSchema {
  readonly #check: ValidateFunction

  private constructor(check: ValidateFunction) {
    this.#check = check
  }

  /** @throws DomainError CONFIG_SCHEMA_INVALID */
  static compile(path: InputPath, schema: Json): ConfigSchema {
    const dialect = schema.$schema
    if (dialect !== undefined && !DRAFT_07.test(String(dialect)) && !DRAFT_2020.test(String(dialect))) {
      fail(
        'CONFIG_SCHEMA_INVALID',
        path,
        `has the $schema ${quoted(dialect)}; drafts 2020-12 and draft-07 are understood.`,
      )
    }
    try {
      // A compiler of its own: an $id of one organization's schema must not be seen by another's.
      const ajv = DRAFT_07.test(String(dialect)) ? new Ajv(OPTIONS) : new Ajv2020(OPTIONS)
      addFormats(ajv as never, { mode: 'fast' })
      const check = withinTime(() => ajv.compile(schema))
      // It would answer with a promise, true to any test, and reject it where nobody listens.
      if ('$async' in check) throw new Error('$async is not a keyword of JSON Schema')
      return new ConfigSchema(check)
    } catch (error) {
      fail('CONFIG_SCHEMA_INVALID', path, `is not a usable JSON Schema: ${reason(error)}.`)
    }
  }

  /** @returns for each config what is wrong with it, or null when it satisfies the schema */
  problemsOf(configs: readonly Json[]): Array<string | null> {
    try {
      return withinTime(() => configs.map((config) => (this.#check(config) ? null : describe(this.#check.errors?.[0]))))
    } catch (error) {
      return configs.map(() => `it cannot be checked: ${reason(error)}`)
    }
  }
}

const bounded = new Script('work()')

/** Runs `work` and ends it after {@link MAX_MS}: a schema of few lines can ask for exponential work. */
function withinTime<T>(work: () => T): T {
  return bounded.runInContext(createContext({ work }), { timeout: MAX_MS }) as T
}

function describe(error: ErrorObject | undefined): string {
  return `${error?.instancePath ? `at ${error.instancePath} ` : ''}${error?.message ?? 'does not satisfy the schema'}`
}

function reason(error: unknown): string {
  if ((error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT')
    return `it takes longer than ${MAX_MS} ms`
  if (error instanceof RangeError || (error as Error).name === 'RangeError') return 'it refers to itself without end'
  return String((error as Error).message ?? error).slice(0, 300)
}
