import { Field, ObjectType } from 'type-graphql'
import { ApiKey } from './api-key.type.ts'
import { Member } from './member.entity.ts'
import { Organization } from './organization.entity.ts'

@ObjectType('Viewer', { description: 'Who asks: a member by a personal token, or an API key.' })
export class ViewerType {
  @Field(() => String, { description: 'How changes name the viewer: `key:N` or `member:N`.' })
  actor!: string

  @Field(() => Organization, {
    nullable: true,
    description: 'The one organization that the viewer sees; null without organization:read.',
  })
  organization!: Organization | null

  @Field(() => Member, { nullable: true, description: 'The member; null when an API key asks.' })
  member!: Member | null

  @Field(() => ApiKey, { nullable: true, description: 'The API key; null when a member asks.' })
  apiKey!: ApiKey | null

  @Field(() => [String], { description: 'What the viewer may do, as `noun:verb`, in alphabetical order.' })
  permissions!: string[]
}
