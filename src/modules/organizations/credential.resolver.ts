import { Arg, Args, Ctx, Mutation, Query, Resolver } from 'type-graphql'
import { ConnectionArgs, connectionOf, type Page, pageRequest } from '../../shared/connection.ts'
import {
  CreateApiKeyInput,
  CreatePersonalTokenInput,
  RevokeApiKeyInput,
  RevokePersonalTokenInput,
  UpdateApiKeyInput,
  UpdatePersonalTokenInput,
} from './access.inputs.ts'
import {
  CreateApiKeyResult,
  CreateApiKeySuccess,
  CreatePersonalTokenResult,
  CreatePersonalTokenSuccess,
  RevokeApiKey,
  RevokePersonalToken,
  UpdateApiKey,
  UpdatePersonalToken,
} from './access.payloads.ts'
import type { AccessReadModel } from './access.read-model.ts'
import { ApiKey, PersonalToken } from './api-key.type.ts'
import type { CredentialService } from './credential.service.ts'

const ApiKeyConnection = connectionOf(ApiKey)
const PersonalTokenConnection = connectionOf(PersonalToken)

/** What these resolvers take from the context of an operation. */
interface Context {
  access: AccessReadModel
  credentials: CredentialService
}

const INCLUDE_REVOKED = { defaultValue: false, description: 'Whether revoked ones are listed too.' }

@Resolver()
export class CredentialResolver {
  @Query(() => ApiKeyConnection, { description: 'The API keys, newest first, without secrets. Needs key:read.' })
  apiKeys(
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Arg('includeRevoked', () => Boolean, INCLUDE_REVOKED) includeRevoked: boolean,
    @Ctx() { access }: Context,
  ): Promise<Page<ApiKey>> {
    return access.apiKeys(pageRequest(args), includeRevoked)
  }

  @Query(() => PersonalTokenConnection, {
    description: 'Personal tokens, newest first: the own ones, or all with member:write. Needs token:write.',
  })
  personalTokens(
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Arg('includeRevoked', () => Boolean, INCLUDE_REVOKED) includeRevoked: boolean,
    @Ctx() { access }: Context,
  ): Promise<Page<PersonalToken>> {
    return access.personalTokens(pageRequest(args), includeRevoked)
  }

  @Mutation(() => CreateApiKeyResult, { description: 'Makes an API key. Needs key:write.' })
  async createApiKey(
    @Arg('input', () => CreateApiKeyInput, { description: 'The key.' }) input: CreateApiKeyInput,
    @Ctx() { credentials }: Context,
  ) {
    return Object.assign(new CreateApiKeySuccess(), await credentials.createApiKey(input))
  }

  @Mutation(() => UpdateApiKey.Result, { description: 'Renames or limits an API key. Needs key:write.' })
  updateApiKey(
    @Arg('input', () => UpdateApiKeyInput, { description: 'What changes.' }) input: UpdateApiKeyInput,
    @Ctx() { credentials }: Context,
  ) {
    return UpdateApiKey.success(credentials.updateApiKey(input))
  }

  @Mutation(() => RevokeApiKey.Result, {
    description: 'Stops an API key for good, with what it holds open. Needs key:write.',
  })
  revokeApiKey(
    @Arg('input', () => RevokeApiKeyInput, { description: 'Which key.' }) input: RevokeApiKeyInput,
    @Ctx() { credentials }: Context,
  ) {
    return RevokeApiKey.success(credentials.revokeApiKey(input))
  }

  @Mutation(() => CreatePersonalTokenResult, {
    description: 'Makes a personal token. Needs token:write, for others member:write.',
  })
  async createPersonalToken(
    @Arg('input', () => CreatePersonalTokenInput, { description: 'The token.' }) input: CreatePersonalTokenInput,
    @Ctx() { credentials }: Context,
  ) {
    return Object.assign(new CreatePersonalTokenSuccess(), await credentials.createPersonalToken(input))
  }

  @Mutation(() => UpdatePersonalToken.Result, {
    description: 'Renames a personal token or moves its end. Needs token:write, for others member:write.',
  })
  updatePersonalToken(
    @Arg('input', () => UpdatePersonalTokenInput, { description: 'What changes.' }) input: UpdatePersonalTokenInput,
    @Ctx() { credentials }: Context,
  ) {
    return UpdatePersonalToken.success(credentials.updatePersonalToken(input))
  }

  @Mutation(() => RevokePersonalToken.Result, {
    description: 'Stops a personal token for good. Needs token:write, for others member:write.',
  })
  revokePersonalToken(
    @Arg('input', () => RevokePersonalTokenInput, { description: 'Which token.' }) input: RevokePersonalTokenInput,
    @Ctx() { credentials }: Context,
  ) {
    return RevokePersonalToken.success(credentials.revokePersonalToken(input))
  }
}
