import { randomUUID } from 'node:crypto'
import { UniqueConstraintViolationException } from '@mikro-orm/core'
import type { EntityManager } from '@mikro-orm/postgresql'
import type { Clock } from '../../shared/clock.ts'
import { DomainError } from '../../shared/domain-error.ts'
import { Credential } from './credential.entity.ts'
import { DEFAULT_CLIENT_RATE } from './credential.service.ts'
import { Organization } from './organization.entity.ts'
import type { KeyKind } from './permissions.ts'
import { newSecret } from './secret.ts'

export interface NewOrganization {
  organizationId: string
  adminKey: string
  serverKey: string
  clientKey: string
}

/** Creates an organization with one key of each kind; the operator's way in, before anybody can sign in. */
export async function createOrganization(
  scoped: (organizationId: string) => EntityManager,
  clock: Clock,
  input: { key: string; name?: string },
): Promise<NewOrganization> {
  if (!/^[A-Za-z0-9._-]{1,64}$/.test(input.key)) {
    throw new DomainError(
      'BAD_USER_INPUT',
      `The organization key is ${JSON.stringify(input.key)}; it takes 1 to 64 of A-Z a-z 0-9 . _ -.`,
    )
  }
  const organizationId = randomUUID()
  const secrets = { ADMIN: newSecret('ADMIN'), SERVER: newSecret('SERVER'), CLIENT: newSecret('CLIENT') }
  const write = scoped(organizationId).transactional(async (em) => {
    em.create(Organization, { id: organizationId, key: input.key, name: input.name ?? input.key, createdAt: clock() })
    for (const [kind, secret] of Object.entries(secrets)) {
      em.create(Credential, {
        organizationId,
        kind: kind as KeyKind,
        name: `first ${kind.toLowerCase()} key`,
        prefix: secret.prefix,
        hash: secret.hash,
        ratePerMinute: kind === 'CLIENT' ? DEFAULT_CLIENT_RATE : null,
      })
    }
  })
  await write.catch((error: unknown) => {
    if (!(error instanceof UniqueConstraintViolationException)) throw error
    throw new DomainError('KEY_TAKEN', `An organization with the key ${input.key} exists.`)
  })
  return {
    organizationId,
    adminKey: secrets.ADMIN.secret,
    serverKey: secrets.SERVER.secret,
    clientKey: secrets.CLIENT.secret,
  }
}
