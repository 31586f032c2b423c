import { Field, ObjectType } from 'type-graphql'
import { resultUnion } from '../../shared/errors.graphql.ts'
import { Rollout } from './rollout.entity.ts'

export const CreateRollout = changeOf('CreateRollout', 'The rollout was created as a draft.')
export const PromoteWinner = changeOf('PromoteWinner', 'The winner has a rollout, as a draft.')
export const UpdateRollout = changeOf('UpdateRollout', 'The rollout was changed.')
export const DeleteRollout = changeOf('DeleteRollout', 'The rollout is deleted; nothing finds it any more.')
export const StartRollout = changeOf('StartRollout', 'The rollout is in its first stage.')
export const PauseRollout = changeOf('PauseRollout', 'The rollout is paused.')
export const ResumeRollout = changeOf('ResumeRollout', 'The rollout is running again.')
export const CompleteRollout = changeOf('CompleteRollout', 'Everybody is on the new version.')
export const RollBackRollout = changeOf('RollBackRollout', 'Nobody is on the new version any more.')
export const SkipRolloutStage = changeOf('SkipRolloutStage', 'The rollout is in its next stage.')
export const SetRolloutShare = changeOf('SetRolloutShare', 'The share holds from now on.')

/** A change that answers the rollout and nothing else. */
function changeOf(operation: string, description: string) {
  @ObjectType(`${operation}Success`, { description })
  class Success {
    @Field(() => Rollout, { description: 'The rollout after the change.' })
    rollout!: Rollout
  }

  return {
    Result: resultUnion(operation, Success),
    success: async (rollout: Promise<Rollout>) => Object.assign(new Success(), { rollout: await rollout }),
  }
}
