import { Field, Int, ObjectType } from 'type-graphql'
import { describedEnum } from '../../shared/described-enum.ts'
import { toGlobalId } from '../../shared/global-id.ts'
import { Node } from '../../shared/node.ts'
import { DateTimeScalar } from '../../shared/scalars.ts'
import type { Credential } from './credential.entity.ts'
import { Member } from './member.entity.ts'
import type { KeyKind } from './permissions.ts'

export const ApiKeyKindEnum = describedEnum('ApiKeyKind', 'What an API key is for, and so what it may do.', {
  SERVER: 'Everything at run time, and reading; keep it secret.',
  CLIENT: 'Assign, evaluate, record and track only; safe to publish in an application.',
  ADMIN: 'Everything; keep it secret.',
})

/** What a key and a token have in common, without the secret, which nobody can show again. */
@ObjectType()
abstract class CredentialView {
  credentialId!: number

  @Field(() => String, { description: 'Name for people.' })
  name!: string

  @Field(() => String, { description: 'First characters of the secret, by which people recognize it.' })
  prefix!: string

  @Field(() => DateTimeScalar, { description: 'When it was created.' })
  createdAt!: Date

  @Field(() => String, { description: 'Who created it: `key:N`, `member:N` or `system`.' })
  createdBy!: string

  @Field(() => String, { description: 'Who changed it last: `key:N`, `member:N` or `system`.' })
  updatedBy!: string

  @Field(() => DateTimeScalar, { nullable: true, description: 'When it stops to work by itself; null: never.' })
  expiresAt!: Date | null

  @Field(() => DateTimeScalar, { nullable: true, description: 'When it was revoked; null while it works.' })
  revokedAt!: Date | null
}

function viewOf({ id, name, prefix, createdAt, createdBy, updatedBy, expiresAt, revokedAt }: Credential) {
  const times = { expiresAt: expiresAt ?? null, revokedAt: revokedAt ?? null }
  return { credentialId: id, name, prefix, createdAt, createdBy, updatedBy, ...times }
}

@ObjectType({ implements: Node, description: 'A key of an application; its secret was shown once.' })
export class ApiKey extends CredentialView implements Node {
  @Field(() => ApiKeyKindEnum, { description: 'What it is for.' })
  kind!: KeyKind

  @Field(() => [String], {
    nullable: true,
    description: 'Browser origins that a CLIENT key may be used from; null: any.',
  })
  allowedOrigins!: string[] | null

  @Field(() => Int, {
    nullable: true,
    description: 'Calls a minute that a CLIENT key allows each address; null for other kinds: no limit.',
  })
  ratePerMinute!: number | null

  get nodeId(): string {
    return toGlobalId('ApiKey', this.credentialId)
  }

  static from(credential: Credential): ApiKey {
    const { kind, allowedOrigins, ratePerMinute } = credential
    return Object.assign(new ApiKey(), viewOf(credential), {
      kind,
      allowedOrigins: allowedOrigins ?? null,
      ratePerMinute: ratePerMinute ?? null,
    })
  }
}

@ObjectType({
  implements: Node,
  description: 'What a member acts through, with the role that the member has at the time; its secret was shown once.',
})
export class PersonalToken extends CredentialView implements Node {
  @Field(() => Member, { description: 'Whose it is.' })
  member!: Member

  get nodeId(): string {
    return toGlobalId('PersonalToken', this.credentialId)
  }

  /** @param credential - with its member loaded */
  static from(credential: Credential): PersonalToken {
    return Object.assign(new PersonalToken(), viewOf(credential), { member: credential.member!.unwrap() })
  }
}
