import { statSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import { SingleBar } from 'cli-progress'
import { ApiClient } from './api-client.ts'
import { ensureExperiment } from './import-experiment.ts'
import { IMPORT_USAGE, type ImportOptions, importOptions, UsageError } from './import-options.ts'
import type { ImportedRow, TakenTimes } from './import-rows.ts'
import { ImportSender } from './import-sender.ts'
import { rowsToSend, surveyFile } from './import-survey.ts'
import { resultsTable, TABLE_QUERY, type TableResults } from './results-table.ts'

/** Brings an experiment that ran elsewhere in through the public API; a second run changes nothing. */
async function importFile(options: ImportOptions): Promise<void> {
  const api = new ApiClient({ url: options.url, apiKey: options.apiKey })
  const taken = await takenTimes(api)
  const survey = await surveyFile(options, taken)
  const { problems, rows } = survey
  const target = await ensureExperiment(api, options, survey)
  const sender = new ImportSender(api, options, target, (line, problem) => problems.set(line, problem))
  const bar = new SingleBar({
    format: '{bar} {percentage}% | {value} of {total} rows',
    noTTYOutput: true,
    notTTYSchedule: 5_000,
  })
  bar.start(rows, 0)
  let batch: ImportedRow[] = []
  for await (const row of rowsToSend(options, survey, taken)) {
    batch.push(row)
    if (batch.length < options.batchSize) continue
    await sender.send(batch)
    bar.increment(batch.length)
    batch = []
  }
  await sender.send(batch)
  bar.update(rows)
  bar.stop()
  report(options, sender, problems)
  const { experiment } = await api.call<{ experiment: { results: TableResults } }>(TABLE_QUERY, {
    key: options.experiment,
  })
  console.log(`\n${resultsTable(experiment.results)}`)
}

async function takenTimes(api: ApiClient): Promise<TakenTimes> {
  const { organization } = await api.call<{ organization: { eventRetentionDays: number } }>(
    '{ organization { eventRetentionDays } }',
  )
  return { receivedAt: new Date(), retentionDays: organization.eventRetentionDays }
}

function report(options: ImportOptions, { exposures, events }: ImportSender, problems: Map<number, string>): void {
  for (const [line, problem] of [...problems].sort(([a], [b]) => a - b))
    console.error(`${options.file}:${line} ${problem}`)
  console.log(`exposures: ${exposures.accepted} accepted, ${exposures.duplicates} known already`)
  console.log(`events:    ${events.accepted} accepted, ${events.duplicates} known already`)
  if (problems.size > 0) console.log(`rows left out in whole or in part: ${problems.size}`)
}

/** npm runs a script in the project's folder; the file is named from where the user stands. */
function fromInvocationFolder(file: string): string {
  const path = isAbsolute(file) ? file : join(process.env.INIT_CWD ?? process.cwd(), file)
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) throw new UsageError(`There is no file ${file}.`)
  return path
}

try {
  const options = importOptions(process.argv.slice(2), process.env)
  await importFile({ ...options, file: fromInvocationFolder(options.file) })
} catch (error) {
  console.error(`import: ${(error as Error).message}`)
  if (error instanceof UsageError) console.error(IMPORT_USAGE)
  process.exitCode = 1
}
