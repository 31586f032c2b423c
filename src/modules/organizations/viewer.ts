import type { Actor } from '../../shared/actor.ts'
import { DomainError } from '../../shared/domain-error.ts'
import { type KeyKind, type MemberRole, type Permission, permissionsOf } from './permissions.ts'

export interface ViewerOptions {
  organizationId: string
  /** The key or token that was presented; revoking it ends what it opened. */
  credentialId: number
  actor: Actor
  holder: MemberRole | KeyKind
  /** Only these browser origins, for a client key; null: any. */
  allowedOrigins?: readonly string[] | null
  /** Calls a minute for each address, for a client key; null: no limit. */
  ratePerMinute?: number | null
  expiresAt?: Date | null
  memberId?: number | null
  /** Why the system acts; null for people and keys. */
  reason?: string | null
}

/** Who asks: a member by a personal token, or an API key. Everything a request does is scoped to its organization. */
export class Viewer {
  readonly organizationId: string
  readonly credentialId: number
  readonly actor: Actor
  readonly holder: MemberRole | KeyKind
  readonly allowedOrigins: readonly string[] | null
  readonly ratePerMinute: number | null
  readonly expiresAt: Date | null
  readonly memberId: number | null
  readonly reason: string | null
  readonly #permissions: ReadonlySet<Permission>

  constructor(options: ViewerOptions) {
    this.organizationId = options.organizationId
    this.credentialId = options.credentialId
    this.actor = options.actor
    this.holder = options.holder
    this.allowedOrigins = options.allowedOrigins ?? null
    this.ratePerMinute = options.ratePerMinute ?? null
    this.expiresAt = options.expiresAt ?? null
    this.memberId = options.memberId ?? null
    this.reason = options.reason ?? null
    this.#permissions = permissionsOf(options.holder)
  }

  /** The server itself, which may do in an organization what its people have asked it to do. */
  static system(organizationId: string, reason: string): Viewer {
    return new Viewer({ organizationId, credentialId: 0, actor: 'system', holder: 'ADMIN', reason })
  }

  /** Whether this is a published client key, whose input is trusted least. */
  get isClient(): boolean {
    return this.holder === 'CLIENT'
  }

  can(permission: Permission): boolean {
    return this.#permissions.has(permission)
  }

  assertCan(permission: Permission): void {
    if (!this.can(permission)) {
      throw new DomainError(
        'FORBIDDEN',
        `A ${this.holder.toLowerCase()} ${this.memberId ? 'member' : 'key'} may not ${permission}.`,
      )
    }
  }
}
