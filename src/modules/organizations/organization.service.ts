import { randomUUID } from 'node:crypto'
import type { EntityManager } from '@mikro-orm/postgresql'
import type { Clock } from '../../shared/clock.ts'
import { Credential } from './credential.entity.ts'
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
  const organizationId = randomUUID()
  const secrets = { ADMIN: newSecret('ADMIN'), SERVER: newSecret('SERVER'), CLIENT: newSecret('CLIENT') }
  await scoped(organizationId).transactional(async (em) => {
    em.create(Organization, { id: organizationId, key: input.key, name: input.name ?? input.key, createdAt: clock() })
    for (const [kind, secret] of Object.entries(secrets)) {
      em.create(Credential, {
        organizationId,
        kind: kind as KeyKind,
        name: `first ${kind.toLowerCase()} key`,
        prefix: secret.prefix,
        hash: secret.hash,
      })
    }
  })
  return {
    organizationId,
    adminKey: secrets.ADMIN.secret,
    serverKey: secrets.SERVER.secret,
    clientKey: secrets.CLIENT.secret,
  }
}
