import { readFileSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { type CaseResult, runCase } from './vectors/run-case.ts'

// npm run vectors -- FILE...: holds the statistics core against files of reference cases.
const files = process.argv.slice(2)
if (files.length === 0) {
  process.stderr.write('Usage: npm run vectors -- FILE...\n')
  process.exit(2)
}

const families = new Map<string, CaseResult[]>()
for (const file of files) {
  const cases = casesOf(file)
  if (!cases) continue
  const family = basename(file) === 'cases.json' ? basename(dirname(file)) : basename(file, '.json')
  families.set(family, [...(families.get(family) ?? []), ...cases.map(runCase)])
}

/** The cases of a file, or null where there are none to read: a failure, after which the other files still run. */
function casesOf(file: string): unknown[] | null {
  try {
    // Some editors begin a file with a byte order mark.
    const cases: unknown = JSON.parse(readFileSync(file, 'utf8').replace(/^\uFEFF/, ''))
    if (Array.isArray(cases)) return cases
    process.stderr.write(`${file} is not an array of cases.\n`)
  } catch (error) {
    process.stderr.write(`${file} cannot be read: ${(error as Error).message}\n`)
  }
  process.exitCode = 1
  return null
}

const count = (results: readonly CaseResult[], outcome: CaseResult['outcome']) =>
  results.filter((result) => result.outcome === outcome).length
const summary = (results: readonly CaseResult[]) =>
  `${count(results, 'passed')} passed, ${count(results, 'failed')} failed, ${count(results, 'skipped')} skipped`

for (const [family, results] of families) {
  process.stdout.write(`${family}: ${summary(results)}\n`)
  for (const { name, outcome, details, remarks } of results) {
    if (outcome !== 'passed' || remarks.length > 0) process.stdout.write(`  ${outcome}: ${name}\n`)
    for (const line of [...details, ...remarks]) process.stdout.write(`    ${line}\n`)
  }
}
const all = [...families.values()].flat()
process.stdout.write(`total: ${summary(all)}\n`)
if (count(all, 'failed') > 0) process.exitCode = 1
