import type { EntityManager } from '@mikro-orm/postgresql'
import type { Page, PageRequest } from '../../shared/connection.ts'
import { findPage } from '../../shared/find-page.ts'
import { ApiKey, PersonalToken } from './api-key.type.ts'
import { Credential } from './credential.entity.ts'
import { Member } from './member.entity.ts'
import { Organization } from './organization.entity.ts'
import { permissionsOf } from './permissions.ts'
import type { Viewer } from './viewer.ts'
import { ViewerType } from './viewer.type.ts'

const NEWEST_FIRST = { createdAt: 'desc', id: 'desc' } as const

/** Who may do what, as the organization's own people see it. */
export class AccessReadModel {
  readonly #em: EntityManager
  readonly #viewer: Viewer

  constructor(em: EntityManager, viewer: Viewer) {
    this.#em = em
    this.#viewer = viewer
  }

  /** Everybody may know who they are. */
  async viewer(): Promise<ViewerType> {
    const { actor, credentialId, memberId, holder } = this.#viewer
    return Object.assign(new ViewerType(), {
      actor,
      organization: this.#viewer.can('organization:read') ? await this.organization() : null,
      member: memberId === null ? null : await this.#em.findOneOrFail(Member, { id: memberId }),
      apiKey: memberId === null ? ApiKey.from(await this.#em.findOneOrFail(Credential, { id: credentialId })) : null,
      permissions: [...permissionsOf(holder)].sort(),
    })
  }

  organization(): Promise<Organization> {
    this.#viewer.assertCan('organization:read')
    return this.#em.findOneOrFail(Organization, { id: this.#viewer.organizationId })
  }

  members(request: PageRequest): Promise<Page<Member>> {
    this.#viewer.assertCan('member:read')
    return findPage(this.#em, Member, { removedAt: null }, NEWEST_FIRST, request)
  }

  membersByIds(ids: readonly number[]): Promise<Member[]> {
    this.#viewer.assertCan('member:read')
    return this.#em.find(Member, { id: { $in: [...ids] }, removedAt: null })
  }

  async apiKeys(request: PageRequest, includeRevoked: boolean): Promise<Page<ApiKey>> {
    this.#viewer.assertCan('key:read')
    const where = { kind: { $ne: 'PERSONAL' as const }, ...(includeRevoked ? {} : { revokedAt: null }) }
    return mapPage(await findPage(this.#em, Credential, where, NEWEST_FIRST, request), ApiKey.from)
  }

  async apiKeysByIds(ids: readonly number[]): Promise<ApiKey[]> {
    this.#viewer.assertCan('key:read')
    const found = await this.#em.find(Credential, { id: { $in: [...ids] }, kind: { $ne: 'PERSONAL' } })
    return found.map(ApiKey.from)
  }

  /** The viewer's own; all members' for those who manage members. */
  async personalTokens(request: PageRequest, includeRevoked: boolean): Promise<Page<PersonalToken>> {
    const where = { ...this.#visibleTokens(), ...(includeRevoked ? {} : { revokedAt: null }) }
    const page = await findPage(this.#em, Credential, where, NEWEST_FIRST, request)
    await this.#em.populate(
      page.edges.map(({ node }) => node),
      ['member'],
    )
    return mapPage(page, PersonalToken.from)
  }

  async personalTokensByIds(ids: readonly number[]): Promise<PersonalToken[]> {
    const where = { ...this.#visibleTokens(), id: { $in: [...ids] } }
    return (await this.#em.find(Credential, where, { populate: ['member'] })).map(PersonalToken.from)
  }

  #visibleTokens() {
    if (this.#viewer.can('member:write')) return { kind: 'PERSONAL' as const }
    this.#viewer.assertCan('token:write')
    return { kind: 'PERSONAL' as const, member: { id: this.#viewer.memberId! } }
  }
}

function mapPage<From, To>(page: Page<From>, map: (node: From) => To): Page<To> {
  return { ...page, edges: page.edges.map(({ cursor, node }) => ({ cursor, node: map(node) })) }
}
