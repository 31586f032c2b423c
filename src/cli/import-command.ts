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

/** Where the command writes to. */
export interface Print {
  out(line: string): void
  err(line: string): void
  progress: NodeJS.WritableStream
}

/** `npm run import`. @returns the exit code */
export async function importCommand(argv: string[], env: NodeJS.ProcessEnv, print: Print): Promise<number> {
  try {
    const options = importOptions(argv, env)
    await importFile({ ...options, file: fromInvocationFolder(options.file, env) }, print)
    return 0
  } catch (error) {
    print.err(`import: ${(error as Error).message}`)
    if (error instanceof UsageError) print.err(IMPORT_USAGE)
    return 1
  }
}

/** Brings an experiment that ran elsewhere in through the public API; a second run changes nothing. */
async function importFile(options: ImportOptions, print: Print): Promise<void> {
  const api = new ApiClient({ url: options.url, apiKey: options.apiKey })
  const taken = await takenTimes(api)
  const survey = await surveyFile(options, taken)
  const { problems, rows } = survey
  const target = await ensureExperiment(api, options, survey)
  const sender = new ImportSender(api, options, target, (line, problem) => problems.set(line, problem))
  const bar = new SingleBar({
    format: '{bar} {percentage}% | {value} of {total} rows',
    stream: print.progress,
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
  report(options, sender, problems, print)
  const { experiment } = await api.call<{ experiment: { results: TableResults } }>(TABLE_QUERY, {
    key: options.experiment,
  })
  print.out(`\n${resultsTable(experiment.results)}`)
}

async function takenTimes(api: ApiClient): Promise<TakenTimes> {
  const { organization } = await api.call<{ organization: { eventRetentionDays: number } }>(
    '{ organization { eventRetentionDays } }',
  )
  return { receivedAt: new Date(), retentionDays: organization.eventRetentionDays }
}

function report(
  options: ImportOptions,
  { exposures, events }: ImportSender,
  problems: Map<number, string>,
  { out, err }: Print,
): void {
  for (const [line, problem] of [...problems].sort(([a], [b]) => a - b)) err(`${options.file}:${line} ${problem}`)
  out(`exposures: ${exposures.accepted} accepted, ${exposures.duplicates} known already`)
  out(`events:    ${events.accepted} accepted, ${events.duplicates} known already`)
  if (problems.size > 0) out(`rows left out in whole or in part: ${problems.size}`)
}

/** npm runs a script in the project's folder; the file is named from where the user stands. */
function fromInvocationFolder(file: string, env: NodeJS.ProcessEnv): string {
  const path = isAbsolute(file) ? file : join(env.INIT_CWD ?? process.cwd(), file)
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) throw new UsageError(`There is no file ${file}.`)
  return path
}
