import type { EntityManager } from '@mikro-orm/postgresql'
import type { Clock } from '../../shared/clock.ts'
import { DomainError } from '../../shared/domain-error.ts'
import { integerKey } from '../../shared/global-id.ts'
import { checkNotNull, checkText, fail, quoted } from '../../shared/input-rules.ts'
import type { UnitOfWork } from '../../shared/unit-of-work.ts'
import type { AddMemberInput, RemoveMemberInput, UpdateMemberInput } from './access.inputs.ts'
import { Credential } from './credential.entity.ts'
import { assertMayGrant } from './grants.ts'
import { Member } from './member.entity.ts'
import type { Viewer } from './viewer.ts'

const NAME = { min: 1, max: 200 }
/** One @ between visible characters: whether the address exists, only a letter to it can tell. */
const EMAIL = /^[^\s@]+@[^\s@]+$/

/** Who belongs to the organization, in which role. */
export class MemberService {
  readonly #work: UnitOfWork
  readonly #viewer: Viewer
  readonly #clock: Clock

  constructor(work: UnitOfWork, viewer: Viewer, clock: Clock) {
    this.#work = work
    this.#viewer = viewer
    this.#clock = clock
  }

  /** Somebody who has left comes back as the same member; the tokens of before stay revoked. */
  add({ name, email, role }: AddMemberInput): Promise<Member> {
    this.#viewer.assertCan('member:write')
    assertMayGrant(this.#viewer, role)
    const { organizationId } = this.#viewer
    const values = { name: checkText(['name'], name, NAME), email: checkEmail(email), role }
    return this.#work.transaction(async (em, record) => {
      await oneAtATime(em, organizationId)
      const known = await em.findOne(Member, { email: values.email })
      if (known && !known.removedAt) {
        throw new DomainError('EMAIL_TAKEN', `The organization has a member with the address ${values.email}.`)
      }
      const member = known ?? em.create(Member, { organizationId, ...values })
      em.assign(member, { ...values, removedAt: null })
      await em.flush()
      record({ type: 'MemberChanged', organizationId, subjectId: member.id })
      return member
    })
  }

  update(input: UpdateMemberInput): Promise<Member> {
    this.#viewer.assertCan('member:write')
    return this.#change(input.memberId, async (member, em) => {
      if (input.name !== undefined) member.name = checkText(['name'], checkNotNull(['name'], input.name), NAME)
      if (input.role === undefined) return
      const role = checkNotNull(['role'], input.role)
      assertMayGrant(this.#viewer, role)
      if (member.role === 'owner' && role !== 'owner') await assertAnotherOwner(em, member)
      member.role = role
    })
  }

  remove(input: RemoveMemberInput): Promise<Member> {
    this.#viewer.assertCan('member:write')
    return this.#change(input.memberId, async (member, em) => {
      if (member.role === 'owner') await assertAnotherOwner(em, member)
      member.removedAt = this.#clock()
      const tokens = await em.find(Credential, { member: { id: member.id }, revokedAt: null })
      for (const token of tokens) token.revokedAt = member.removedAt
    })
  }

  #change(memberId: string, change: (member: Member, em: EntityManager) => Promise<void>): Promise<Member> {
    const { organizationId } = this.#viewer
    return this.#work.transaction(async (em, record) => {
      await oneAtATime(em, organizationId)
      const member = await findMember(em, memberId)
      assertMayGrant(this.#viewer, member.role)
      await change(member, em)
      record({ type: 'MemberChanged', organizationId, subjectId: member.id })
      return member
    })
  }
}

/**
 * Changes of members go one after the other, so that two owners cannot remove each other and nobody who is leaving gets
 * another token.
 */
export async function oneAtATime(em: EntityManager, organizationId: string): Promise<void> {
  await em.execute('select 1 from organization where id = ? for update', [organizationId])
}

/** @throws DomainError MEMBER_NOT_FOUND, also for one who has left */
export async function findMember(em: EntityManager, memberId: string): Promise<Member> {
  const id = integerKey(memberId, 'Member')
  const member = id === null ? null : await em.findOne(Member, { id, removedAt: null })
  if (!member) throw new DomainError('MEMBER_NOT_FOUND', `No member has the id ${quoted(memberId)}.`)
  return member
}

async function assertAnotherOwner(em: EntityManager, member: Member): Promise<void> {
  const others = await em.count(Member, { role: 'owner', removedAt: null, id: { $ne: member.id } })
  if (others === 0) {
    throw new DomainError('LAST_OWNER', `${member.email} is the last owner; an organization keeps at least one.`)
  }
}

function checkEmail(email: string): string {
  const address = checkText(['email'], email, { min: 3, max: 254 }).toLowerCase()
  if (!EMAIL.test(address))
    fail('BAD_USER_INPUT', ['email'], `is ${quoted(email)}; it takes an address such as a@b.example.`)
  return address
}
