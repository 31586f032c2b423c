import { Field, ObjectType } from 'type-graphql'
import { resultUnion } from '../../shared/errors.graphql.ts'
import { ApiKey, PersonalToken } from './api-key.type.ts'
import { Member } from './member.entity.ts'
import { Organization } from './organization.entity.ts'

@ObjectType({ description: 'The organization was changed.' })
export class UpdateOrganizationSuccess {
  @Field(() => Organization, { description: 'The organization after the change.' })
  organization!: Organization
}
export const UpdateOrganizationResult = resultUnion('UpdateOrganization', UpdateOrganizationSuccess)

@ObjectType({ description: 'The key was created.' })
export class CreateApiKeySuccess {
  @Field(() => ApiKey, { description: 'The new key.' })
  apiKey!: ApiKey

  @Field(() => String, { description: 'What to send as "Authorization: Bearer …"; shown now and never again.' })
  secret!: string
}
export const CreateApiKeyResult = resultUnion('CreateApiKey', CreateApiKeySuccess)

@ObjectType({ description: 'The token was created.' })
export class CreatePersonalTokenSuccess {
  @Field(() => PersonalToken, { description: 'The new token.' })
  personalToken!: PersonalToken

  @Field(() => String, { description: 'What to send as "Authorization: Bearer …"; shown now and never again.' })
  secret!: string
}
export const CreatePersonalTokenResult = resultUnion('CreatePersonalToken', CreatePersonalTokenSuccess)

export const AddMember = memberChange('AddMember', 'The member may act from now on.')
export const UpdateMember = memberChange('UpdateMember', 'The member was changed.')
export const RemoveMember = memberChange(
  'RemoveMember',
  'The member has left; the tokens of the member have stopped to work.',
)
export const UpdateApiKey = keyChange('UpdateApiKey', 'The key was changed.')
export const RevokeApiKey = keyChange('RevokeApiKey', 'The key has stopped to work, for open subscriptions too.')
export const UpdatePersonalToken = tokenChange('UpdatePersonalToken', 'The token was changed.')
export const RevokePersonalToken = tokenChange(
  'RevokePersonalToken',
  'The token has stopped to work, for open subscriptions too.',
)

function memberChange(operation: string, description: string) {
  @ObjectType(`${operation}Success`, { description })
  class Success {
    @Field(() => Member, { description: 'The member after the change.' })
    member!: Member
  }
  const success = async (member: Promise<Member>) => Object.assign(new Success(), { member: await member })
  return { Result: resultUnion(operation, Success), success }
}

function keyChange(operation: string, description: string) {
  @ObjectType(`${operation}Success`, { description })
  class Success {
    @Field(() => ApiKey, { description: 'The key after the change.' })
    apiKey!: ApiKey
  }
  const success = async (apiKey: Promise<ApiKey>) => Object.assign(new Success(), { apiKey: await apiKey })
  return { Result: resultUnion(operation, Success), success }
}

function tokenChange(operation: string, description: string) {
  @ObjectType(`${operation}Success`, { description })
  class Success {
    @Field(() => PersonalToken, { description: 'The token after the change.' })
    personalToken!: PersonalToken
  }
  const success = async (token: Promise<PersonalToken>) => Object.assign(new Success(), { personalToken: await token })
  return { Result: resultUnion(operation, Success), success }
}
