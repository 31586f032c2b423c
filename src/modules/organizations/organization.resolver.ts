import { Arg, Args, Ctx, Mutation, Query, Resolver } from 'type-graphql'
import { ConnectionArgs, connectionOf, type Page, pageRequest } from '../../shared/connection.ts'
import { checkNotNull, checkText } from '../../shared/input-rules.ts'
import type { UnitOfWork } from '../../shared/unit-of-work.ts'
import { AddMemberInput, RemoveMemberInput, UpdateMemberInput, UpdateOrganizationInput } from './access.inputs.ts'
import {
  AddMember,
  RemoveMember,
  UpdateMember,
  UpdateOrganizationResult,
  UpdateOrganizationSuccess,
} from './access.payloads.ts'
import type { AccessReadModel } from './access.read-model.ts'
import { Member } from './member.entity.ts'
import type { MemberService } from './member.service.ts'
import { Organization } from './organization.entity.ts'
import type { Viewer } from './viewer.ts'
import { ViewerType } from './viewer.type.ts'

const MemberConnection = connectionOf(Member)

/** What these resolvers take from the context of an operation. */
interface Context {
  access: AccessReadModel
  members: MemberService
  viewer: Viewer
  work: UnitOfWork
}

@Resolver()
export class OrganizationResolver {
  @Query(() => ViewerType, { description: 'Who asks, and what they may do. Needs no permission.' })
  viewer(@Ctx() { access }: Context): Promise<ViewerType> {
    return access.viewer()
  }

  @Query(() => Organization, { description: 'The organization of the viewer. Needs organization:read.' })
  organization(@Ctx() { access }: Context): Promise<Organization> {
    return access.organization()
  }

  @Query(() => MemberConnection, { description: 'The members, newest first. Needs member:read.' })
  members(@Args(() => ConnectionArgs) args: ConnectionArgs, @Ctx() { access }: Context): Promise<Page<Member>> {
    return access.members(pageRequest(args))
  }

  @Mutation(() => UpdateOrganizationResult, { description: 'Changes the organization. Needs organization:write.' })
  async updateOrganization(
    @Arg('input', () => UpdateOrganizationInput, { description: 'What changes.' }) input: UpdateOrganizationInput,
    @Ctx() { work, viewer }: Context,
  ) {
    viewer.assertCan('organization:write')
    const organization = await work.transaction(async (em, record) => {
      const found = await em.findOneOrFail(Organization, { id: viewer.organizationId })
      if (input.name !== undefined) {
        found.name = checkText(['name'], checkNotNull(['name'], input.name), { min: 1, max: 200 })
      }
      record({ type: 'OrganizationChanged', organizationId: viewer.organizationId, subjectId: 0 })
      return found
    })
    return Object.assign(new UpdateOrganizationSuccess(), { organization })
  }

  @Mutation(() => AddMember.Result, {
    description: 'Lets a person act in the organization, by personal tokens. Needs member:write.',
  })
  addMember(
    @Arg('input', () => AddMemberInput, { description: 'Who.' }) input: AddMemberInput,
    @Ctx() { members }: Context,
  ) {
    return AddMember.success(members.add(input))
  }

  @Mutation(() => UpdateMember.Result, {
    description: 'Changes name or role of a member; the last owner stays one. Needs member:write.',
  })
  updateMember(
    @Arg('input', () => UpdateMemberInput, { description: 'What changes.' }) input: UpdateMemberInput,
    @Ctx() { members }: Context,
  ) {
    return UpdateMember.success(members.update(input))
  }

  @Mutation(() => RemoveMember.Result, {
    description: 'Takes a member out and revokes the tokens of the member; the last owner stays. Needs member:write.',
  })
  removeMember(
    @Arg('input', () => RemoveMemberInput, { description: 'Who.' }) input: RemoveMemberInput,
    @Ctx() { members }: Context,
  ) {
    return RemoveMember.success(members.remove(input))
  }
}
