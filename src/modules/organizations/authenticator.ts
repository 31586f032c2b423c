import type { EntityManager } from '@mikro-orm/postgresql'
import type { Clock } from '../../shared/clock.ts'
import { DomainError } from '../../shared/domain-error.ts'
import { Credential } from './credential.entity.ts'
import { hashSecret, looksLikeSecret } from './secret.ts'
import { Viewer } from './viewer.ts'

/** How long a viewer is remembered when no other process tells of a change, in milliseconds. */
const REMEMBER_MS = 1_000
const MOST_REMEMBERED = 10_000

/** Turns a presented secret into a viewer. A repeated secret is answered from memory. */
export class Authenticator {
  readonly #scoped: (organizationId: string) => EntityManager
  readonly #root: EntityManager
  readonly #clock: Clock
  #generation = 0
  readonly #remembered = new Map<string, { viewer: Promise<Viewer>; until: number }>()

  constructor(root: EntityManager, scoped: (organizationId: string) => EntityManager, clock: Clock) {
    this.#root = root
    this.#scoped = scoped
    this.#clock = clock
  }

  /** @throws DomainError UNAUTHENTICATED for a secret that is missing, unknown, expired or revoked */
  async authenticate(secret: string | null | undefined): Promise<Viewer> {
    if (!secret)
      throw new DomainError('UNAUTHENTICATED', 'Send an API key or a personal token as "Authorization: Bearer …".')
    if (!looksLikeSecret(secret)) throw unknown()
    const now = this.#clock().getTime()
    const viewer = await this.#remember(secret, now)
    if (viewer.expiresAt && viewer.expiresAt.getTime() <= now) throw unknown()
    return viewer
  }

  /** Calls that come while a secret is looked up wait for the one look-up. */
  #remember(secret: string, now: number): Promise<Viewer> {
    const known = this.#remembered.get(secret)
    if (known && known.until > now) return known.viewer
    if (this.#remembered.size >= MOST_REMEMBERED) this.#remembered.clear()
    const entry = { viewer: this.#load(secret), until: now + REMEMBER_MS }
    this.#remembered.set(secret, entry)
    // A failure is not remembered.
    entry.viewer.catch(() => {
      if (this.#remembered.get(secret) === entry) this.#remembered.delete(secret)
    })
    return entry.viewer
  }

  /** Rises whenever somebody's access changed: a look-up that spans a rise may have seen what was before it. */
  get generation(): number {
    return this.#generation
  }

  /** Forgets what it remembers, after a key, token or member was changed. */
  forget(): void {
    this.#generation++
    this.#remembered.clear()
  }

  async #load(secret: string): Promise<Viewer> {
    const [door] = await this.#root
      .fork()
      .execute<Array<{ organization_id: string; credential_id: number }>>(
        'select organization_id, credential_id from door_credential(?)',
        [hashSecret(secret)],
      )
    if (!door) throw unknown()
    const credential = await this.#scoped(door.organization_id).findOne(
      Credential,
      { organizationId: door.organization_id, id: door.credential_id },
      { populate: ['member'] },
    )
    const member = credential?.member?.unwrap()
    if (!credential || credential.revokedAt || member?.removedAt) throw unknown()
    if (credential.kind === 'PERSONAL' && !member) throw unknown()
    return new Viewer({
      organizationId: door.organization_id,
      credentialId: credential.id,
      actor: member ? `member:${member.id}` : `key:${credential.id}`,
      holder: member ? member.role : (credential.kind as 'SERVER' | 'CLIENT' | 'ADMIN'),
      memberId: member?.id ?? null,
      allowedOrigins: credential.allowedOrigins ?? null,
      ratePerMinute: credential.ratePerMinute ?? null,
      expiresAt: credential.expiresAt ?? null,
    })
  }
}

function unknown(): DomainError {
  return new DomainError('UNAUTHENTICATED', 'The key or token is unknown, expired or revoked.')
}
