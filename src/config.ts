import ipaddr from 'ipaddr.js'
import { parse } from 'pg-connection-string'
import { z } from 'zod'
import { SECRET_KEY_BYTES } from './shared/secret-box.ts'
import { StartupError } from './shared/startup-error.ts'

/** 32 bytes in base64, with its padding or without. */
const SECRET_KEY = /^[A-Za-z0-9+/]{43}=?$/

/** Written in digits alone: JavaScript would read nothing as 0, and take other bases and exponents. */
function wholeNumber(least: number, most: number) {
  return z
    .string()
    .refine(
      (text) => /^[0-9]+$/.test(text) && Number(text) >= least && Number(text) <= most,
      `must be a whole number from ${least} to ${most}`,
    )
    .transform(Number)
}

const Environment = z.object({
  NODE_ENV: z.string().optional(),
  PORT: wholeNumber(0, 65_535).default(4_000),
  HOST: z.string().regex(/^\S+$/, 'must be a name or an address, without spaces').default('127.0.0.1'),
  DATABASE_URL: z
    .string()
    .refine(isDatabaseUrl, 'must be an address such as postgres://user:password@host:5432/name')
    .optional(),
  ASSAY_DATA_DIR: z
    .string()
    .refine((text) => text === text.trim(), 'must be a path that neither begins nor ends with a space')
    .optional(),
  ASSAY_POOL_SIZE: wholeNumber(4, 500).default(20),
  ASSAY_RETENTION_DAYS: wholeNumber(1, 3_650).default(90),
  ASSAY_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  ASSAY_SECRET_KEY: z
    .string()
    .regex(SECRET_KEY, `must be ${SECRET_KEY_BYTES} bytes in base64`)
    .transform((text) => Buffer.from(text, 'base64'))
    .optional(),
  ASSAY_WEBHOOK_NETWORKS: z
    .string()
    .transform((text) => text.split(',').map((network) => network.trim()))
    .refine((networks) => networks.every(isNetwork), 'must be networks such as 10.0.0.0/8, separated by commas')
    .default([]),
  ASSAY_TRUST_PROXY: z.enum(['true', 'false']).default('false'),
})

function isDatabaseUrl(text: string): boolean {
  if (!/^postgres(ql)?:\/\/\S+$/.test(text)) return false
  try {
    return /^[0-9]*$/.test(parse(text).port ?? '')
  } catch {
    return false
  }
}

/** An IPv4 address has its four decimal parts: `10/8` would be read as 0.0.0.10/8, and `010` as octal. */
function isNetwork(text: string): boolean {
  return ipaddr.IPv4.isValidCIDRFourPartDecimal(text) || ipaddr.IPv6.isValidCIDR(text)
}

/** The settings of a process, checked once at its start. */
export interface Config {
  /** 0: any free port. */
  readonly port: number
  readonly host: string
  /** Null: the embedded database. */
  readonly databaseUrl: string | null
  /** Folder of the embedded database; null: the project's own. */
  readonly dataDir: string | null
  /** Database connections of the pool. */
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
