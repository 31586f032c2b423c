import { createHash, randomBytes } from 'node:crypto'
import type { KeyKind } from './permissions.ts'

const WORDS: Record<KeyKind | 'PERSONAL', string> = {
  SERVER: 'server',
  CLIENT: 'client',
  ADMIN: 'admin',
  PERSONAL: 'member',
}

/** A new secret: a recognizable prefix and 256 random bits, base64url. Shown once; only its hash is kept. */
export function newSecret(kind: KeyKind | 'PERSONAL'): { secret: string; prefix: string; hash: Buffer } {
  const secret = `assay_${WORDS[kind]}_${randomBytes(32).toString('base64url')}`
  return { secret, prefix: secret.slice(0, `assay_${WORDS[kind]}_`.length + 4), hash: hashSecret(secret) }
}

export function hashSecret(secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}

/** Whether a text can be a secret of ours at all; anything else is refused without asking the database. */
export function looksLikeSecret(text: string): boolean {
  return /^assay_(server|client|admin|member)_[A-Za-z0-9_-]{43}$/.test(text)
}
