import ipaddr from 'ipaddr.js'
import { z } from 'zod'
import { SECRET_KEY_BYTES } from './shared/secret-box.ts'
import { StartupError } from './shared/startup-error.ts'

const port = z.coerce.number().int().min(0).max(65_535)
const positive = z.coerce.number().int().min(1)

const Environment = z.object({
  NODE_ENV: z.string().optional(),
  PORT: port.default(4_000),
  HOST: z.string().min(1).default('127.0.0.1'),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'must begin with postgres:// or postgresql://')
    .optional(),
  ASSAY_DATA_DIR: z.string().min(1).optional(),
  ASSAY_POOL_SIZE: positive.min(4).max(500).default(20),
  ASSAY_RETENTION_DAYS: positive.max(3_650).default(90),
  ASSAY_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  ASSAY_SECRET_KEY: z
    .string()
    .refine((text) => Buffer.from(text, 'base64').length === SECRET_KEY_BYTES, 'must be 32 bytes in base64')
    .transform((text) => Buffer.from(text, 'base64'))
    .optional(),
  ASSAY_WEBHOOK_NETWORKS: z
    .string()
    .transform((text) => text.split(',').map((network) => network.trim()))
    .refine(
      (networks) => networks.every((network) => ipaddr.isValidCIDR(network)),
      'must be networks such as 10.0.0.0/8, separated by commas',
    )
    .default([]),
  ASSAY_TRUST_PROXY: z.enum(['true', 'false']).default('false'),
})

/** The settings of a process, checked once at its start. */
export interface Config {
  /** 0: any free port. */
  readonly port: number
  readonly host: string
  /** Null: the embedded database. */
  readonly databaseUrl: string | null
  /** Folder of the embedded database; null: the project's own. */
  readonly dataDir: string | null
  /** Database connections in all. */
  readonly poolSize: number
  /** How long events are accepted after they happened, in days. */
  readonly retentionDays: number
  readonly logLevel: string
  /** Seals secrets that must be read again; null: the embedded database brings one. */
  readonly secretKey: Buffer | null
  /** Networks that webhooks may reach beside public addresses. */
  readonly webhookNetworks: readonly string[]
  /** Whether X-Forwarded-For names the caller. */
  readonly trustProxy: boolean
}

/** @throws StartupError naming the setting, its value and the rule */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))
  const parsed = Environment.safeParse(given)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const name = String(issue!.path[0])
    const shown =
      name === 'DATABASE_URL' || name === 'ASSAY_SECRET_KEY'
        ? `The setting ${name}`
        : `${name} is ${JSON.stringify(given[name])}:`
    throw new StartupError(`${shown} ${issue!.message}.`)
  }
  const settings = parsed.data
  if (settings.NODE_ENV === 'production' && !settings.DATABASE_URL && !settings.ASSAY_DATA_DIR) {
    throw new StartupError('In production set DATABASE_URL, or ASSAY_DATA_DIR for the embedded database.')
  }
  return Object.freeze({
    port: settings.PORT,
    host: settings.HOST,
    databaseUrl: settings.DATABASE_URL ?? null,
    dataDir: settings.ASSAY_DATA_DIR ?? null,
    poolSize: settings.ASSAY_POOL_SIZE,
    retentionDays: settings.ASSAY_RETENTION_DAYS,
    logLevel: settings.ASSAY_LOG_LEVEL,
    secretKey: settings.ASSAY_SECRET_KEY ?? null,
    webhookNetworks: settings.ASSAY_WEBHOOK_NETWORKS,
    trustProxy: settings.ASSAY_TRUST_PROXY === 'true',
  })
}
