import { Field, ID, InputType, Int } from 'type-graphql'
import { DateTimeScalar } from '../../shared/scalars.ts'
import { ApiKeyKindEnum } from './api-key.type.ts'
import { MemberRoleEnum } from './member.entity.ts'
import type { KeyKind, MemberRole } from './permissions.ts'

@InputType({ description: 'Changes to the organization; what is left out stays as it is.' })
export class UpdateOrganizationInput {
  @Field(() => String, { nullable: true, description: 'Name for people, 1 to 200 characters.' })
  name?: string | null
}

@InputType({ description: 'A person who joins the organization.' })
export class AddMemberInput {
  @Field(() => String, { description: 'Name for people, 1 to 200 characters.' })
  name!: string

  @Field(() => String, { description: 'Address; kept in lower case, unique in the organization.' })
  email!: string

  @Field(() => MemberRoleEnum, { description: 'What the member may do; at most what the caller may.' })
  role!: MemberRole
}

@InputType({ description: 'Changes to a member; what is left out stays as it is.' })
export class UpdateMemberInput {
  @Field(() => ID, { description: 'Id of the member.' })
  memberId!: string

  @Field(() => String, { nullable: true, description: 'Name for people, 1 to 200 characters.' })
  name?: string | null

  @Field(() => MemberRoleEnum, {
    nullable: true,
    description: 'What the member may do from now on; tokens follow at once.',
  })
  role?: MemberRole | null
}

@InputType({ description: 'Which member leaves.' })
export class RemoveMemberInput {
  @Field(() => ID, { description: 'Id of the member.' })
  memberId!: string
}

@InputType({ description: 'A new API key.' })
export class CreateApiKeyInput {
  @Field(() => String, { description: 'Name for people, 1 to 200 characters.' })
  name!: string

  @Field(() => ApiKeyKindEnum, { description: 'What it is for; at most what the caller may.' })
  kind!: KeyKind

  @Field(() => [String], {
    nullable: true,
    description:
      'Only for CLIENT: up to 50 browser origins, such as https://shop.example, without wildcards, kept as browsers send them; any unless told. Callers that are no browser send none and are let in.',
  })
  allowedOrigins?: string[] | null

  @Field(() => Int, {
    nullable: true,
    description: 'Only for CLIENT: calls a minute for each address, 1 to 1,000,000; 1,200 unless told.',
  })
  ratePerMinute?: number | null

  @Field(() => DateTimeScalar, { nullable: true, description: 'When it stops to work; never unless told.' })
  expiresAt?: Date | null
}

@InputType({ description: 'Changes to an API key; what is left out stays as it is.' })
export class UpdateApiKeyInput {
  @Field(() => ID, { description: 'Id of the key.' })
  apiKeyId!: string

  @Field(() => String, { nullable: true, description: 'Name for people, 1 to 200 characters.' })
  name?: string | null

  @Field(() => [String], { nullable: true, description: 'Only for CLIENT: browser origins; null: any.' })
  allowedOrigins?: string[] | null

  @Field(() => Int, { nullable: true, description: 'Only for CLIENT: calls a minute for each address.' })
  ratePerMinute?: number | null

  @Field(() => DateTimeScalar, { nullable: true, description: 'When it stops to work; null: never.' })
  expiresAt?: Date | null
}

@InputType({ description: 'Which API key stops to work.' })
export class RevokeApiKeyInput {
  @Field(() => ID, { description: 'Id of the key.' })
  apiKeyId!: string
}

@InputType({ description: 'A new personal token.' })
export class CreatePersonalTokenInput {
  @Field(() => String, { description: 'Name for people, 1 to 200 characters.' })
  name!: string

  @Field(() => ID, {
    nullable: true,
    description: 'Whose it is; the caller unless told. For somebody else it needs member:write.',
  })
  memberId?: string | null

  @Field(() => DateTimeScalar, { nullable: true, description: 'When it stops to work; never unless told.' })
  expiresAt?: Date | null
}

@InputType({ description: 'Changes to a personal token; what is left out stays as it is.' })
export class UpdatePersonalTokenInput {
  @Field(() => ID, { description: 'Id of the token.' })
  personalTokenId!: string

  @Field(() => String, { nullable: true, description: 'Name for people, 1 to 200 characters.' })
  name?: string | null

  @Field(() => DateTimeScalar, { nullable: true, description: 'When it stops to work; null: never.' })
  expiresAt?: Date | null
}

@InputType({ description: 'Which personal token stops to work.' })
export class RevokePersonalTokenInput {
  @Field(() => ID, { description: 'Id of the token.' })
  personalTokenId!: string
}
