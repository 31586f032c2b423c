import type { EntityManager } from '@mikro-orm/postgresql'
import type { Clock } from '../../shared/clock.ts'
import { DomainError } from '../../shared/domain-error.ts'
import { integerKey, toGlobalId } from '../../shared/global-id.ts'
import { checkCount, checkInteger, checkNotNull, checkText, fail, quoted } from '../../shared/input-rules.ts'
import type { UnitOfWork } from '../../shared/unit-of-work.ts'
import type {
  CreateApiKeyInput,
  CreatePersonalTokenInput,
  RevokeApiKeyInput,
  RevokePersonalTokenInput,
  UpdateApiKeyInput,
  UpdatePersonalTokenInput,
} from './access.inputs.ts'
import { ApiKey, PersonalToken } from './api-key.type.ts'
import { Credential } from './credential.entity.ts'
import { assertMayGrant } from './grants.ts'
import type { Member } from './member.entity.ts'
import { findMember, oneAtATime } from './member.service.ts'
import type { KeyKind } from './permissions.ts'
import { newSecret } from './secret.ts'
import type { Viewer } from './viewer.ts'

const NAME = { min: 1, max: 200 }
const MOST_ORIGINS = 50
const MOST_RATE = 1_000_000
/** Calls a minute for each address, for a client key whose maker does not say: twenty a second. */
export const DEFAULT_CLIENT_RATE = 1_200

type ClientLimits = Pick<CreateApiKeyInput, 'allowedOrigins' | 'ratePerMinute'>

/** API keys and personal tokens: made, changed, revoked. */
export class CredentialService {
  readonly #work: UnitOfWork
  readonly #viewer: Viewer
  readonly #clock: Clock

  constructor(work: UnitOfWork, viewer: Viewer, clock: Clock) {
    this.#work = work
    this.#viewer = viewer
    this.#clock = clock
  }

  /** @returns the key with its secret, which is not kept */
  createApiKey({ name, kind, expiresAt, ...limits }: CreateApiKeyInput): Promise<{ apiKey: ApiKey; secret: string }> {
    this.#viewer.assertCan('key:write')
    assertMayGrant(this.#viewer, kind)
    const { organizationId } = this.#viewer
    const { secret, prefix, hash } = newSecret(kind)
    const values = {
      name: checkText(['name'], name, NAME),
      expiresAt: this.#checkExpiry(expiresAt),
      ratePerMinute: kind === 'CLIENT' ? DEFAULT_CLIENT_RATE : null,
      ...checkLimits(kind, limits),
    }
    return this.#work.transaction(async (em, record) => {
      const credential = em.create(Credential, { organizationId, kind, prefix, hash, ...values })
      await em.flush()
      record({ type: 'CredentialCreated', organizationId, subjectId: credential.id })
      return { apiKey: ApiKey.from(credential), secret }
    })
  }

  updateApiKey({ apiKeyId, name, expiresAt, ...limits }: UpdateApiKeyInput): Promise<ApiKey> {
    this.#viewer.assertCan('key:write')
    return this.#changeKey(apiKeyId, (credential) => {
      if (name !== undefined) credential.name = checkText(['name'], checkNotNull(['name'], name), NAME)
      if (expiresAt !== undefined) credential.expiresAt = this.#checkExpiry(expiresAt)
      Object.assign(credential, checkLimits(credential.kind as KeyKind, limits))
    })
  }

  revokeApiKey({ apiKeyId }: RevokeApiKeyInput): Promise<ApiKey> {
    this.#viewer.assertCan('key:write')
    return this.#changeKey(apiKeyId, (credential) => {
      credential.revokedAt ??= this.#clock()
    })
  }

  /** @returns the token with its secret, which is not kept */
  createPersonalToken(input: CreatePersonalTokenInput): Promise<{ personalToken: PersonalToken; secret: string }> {
    this.#viewer.assertCan('token:write')
    const { organizationId } = this.#viewer
    const { secret, prefix, hash } = newSecret('PERSONAL')
    const values = { name: checkText(['name'], input.name, NAME), expiresAt: this.#checkExpiry(input.expiresAt) }
    return this.#work.transaction(async (em, record) => {
      const member = await this.#memberOf(em, input.memberId)
      const credential = em.create(Credential, { organizationId, kind: 'PERSONAL', prefix, hash, member, ...values })
      await em.flush()
      record({ type: 'CredentialCreated', organizationId, subjectId: credential.id })
      return { personalToken: PersonalToken.from(credential), secret }
    })
  }

  updatePersonalToken({ personalTokenId, name, expiresAt }: UpdatePersonalTokenInput): Promise<PersonalToken> {
    return this.#changeToken(personalTokenId, (credential) => {
      if (name !== undefined) credential.name = checkText(['name'], checkNotNull(['name'], name), NAME)
      if (expiresAt !== undefined) credential.expiresAt = this.#checkExpiry(expiresAt)
    })
  }

  revokePersonalToken({ personalTokenId }: RevokePersonalTokenInput): Promise<PersonalToken> {
    return this.#changeToken(personalTokenId, (credential) => {
      credential.revokedAt ??= this.#clock()
    })
  }

  async #memberOf(em: EntityManager, memberId: string | null | undefined): Promise<Member> {
    if (memberId == null && this.#viewer.memberId === null) {
      fail('BAD_USER_INPUT', ['memberId'], 'is missing; an API key makes tokens for members only.')
    }
    const id = memberId ?? toGlobalId('Member', this.#viewer.memberId!)
    const isOwn = integerKey(id, 'Member') === this.#viewer.memberId
    if (!isOwn) this.#viewer.assertCan('member:write')
    await oneAtATime(em, this.#viewer.organizationId)
    const member = await findMember(em, id)
    if (!isOwn) assertMayGrant(this.#viewer, member.role)
    return member
  }

  async #changeKey(apiKeyId: string, change: (credential: Credential) => void): Promise<ApiKey> {
    const id = integerKey(apiKeyId, 'ApiKey')
    return ApiKey.from(
      await this.#change(apiKeyId, id, { kind: { $ne: 'PERSONAL' } }, (credential) => {
        assertMayGrant(this.#viewer, credential.kind as KeyKind)
        change(credential)
      }),
    )
  }

  async #changeToken(tokenId: string, change: (credential: Credential) => void): Promise<PersonalToken> {
    this.#viewer.assertCan('token:write')
    const id = integerKey(tokenId, 'PersonalToken')
    return PersonalToken.from(
      await this.#change(tokenId, id, { kind: 'PERSONAL' }, (credential) => {
        const member = credential.member!.unwrap()
        if (member.id !== this.#viewer.memberId) {
          this.#viewer.assertCan('member:write')
          assertMayGrant(this.#viewer, member.role)
        }
        change(credential)
      }),
    )
  }

  #change(
    givenId: string,
    id: number | null,
    kind: object,
    change: (credential: Credential) => void,
  ): Promise<Credential> {
    const { organizationId } = this.#viewer
    return this.#work.transaction(async (em, record) => {
      const credential = id === null ? null : await em.findOne(Credential, { id, ...kind }, { populate: ['member'] })
      if (!credential) throw new DomainError('KEY_NOT_FOUND', `No key or token has the id ${quoted(givenId)}.`)
      change(credential)
      record({
        type: credential.revokedAt ? 'CredentialRevoked' : 'CredentialChanged',
        organizationId,
        subjectId: credential.id,
      })
      return credential
    })
  }

  #checkExpiry(expiresAt: Date | null | undefined): Date | null {
    if (expiresAt == null) return null
    if (expiresAt <= this.#clock()) {
      fail('BAD_USER_INPUT', ['expiresAt'], `is ${expiresAt.toISOString()}; it must lie in the future.`)
    }
    return expiresAt
  }
}

function checkLimits(kind: KeyKind, { allowedOrigins, ratePerMinute }: ClientLimits): ClientLimits {
  if (kind !== 'CLIENT' && (allowedOrigins != null || ratePerMinute != null)) {
    const field = allowedOrigins != null ? 'allowedOrigins' : 'ratePerMinute'
    fail('BAD_USER_INPUT', [field], `is for CLIENT keys; this is a ${kind} key.`)
  }
  return {
    ...(allowedOrigins !== undefined && { allowedOrigins: allowedOrigins && checkOrigins(allowedOrigins) }),
    ...(ratePerMinute != null && { ratePerMinute: checkInteger(['ratePerMinute'], ratePerMinute, 1, MOST_RATE) }),
  }
}

/** As browsers send them: scheme, host in lower case and, if it is not the scheme's own, port. */
function checkOrigins(origins: string[]): string[] {
  return checkCount(['allowedOrigins'], origins, MOST_ORIGINS).map((origin, index) => {
    const path = ['allowedOrigins', index]
    const url = URL.canParse(origin) ? new URL(origin) : null
    if (origin.includes('*')) {
      fail('BAD_USER_INPUT', path, `is ${quoted(origin)}; it takes no wildcards: name each origin, or null for any.`)
    }
    if (!url || !/^https?:$/.test(url.protocol) || url.href !== `${url.origin}/`) {
      fail('BAD_USER_INPUT', path, `is ${quoted(origin)}; it takes an origin such as https://shop.example.`)
    }
    return url.origin
  })
}
