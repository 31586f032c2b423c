import { importCommand } from './import-command.ts'

process.exitCode = await importCommand(process.argv.slice(2), process.env, {
  out: console.log,
  err: console.error,
  progress: process.stderr,
})
