import { Arg, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql'
import { resultUnion } from '../../shared/errors.graphql.ts'
import { JsonObjectScalar } from '../../shared/scalars.ts'
import { Experiment } from '../experiments/experiment.entity.ts'
import type { AssignmentService } from './assignment.service.ts'
import {
  AssignAllInput,
  AssignFirstInput,
  AssignInput,
  Assignment,
  AssignmentStatistic,
  ClearAssignmentInput,
  ClearAssignmentSuccess,
} from './assignment.types.ts'
import type { AssignmentStatistics } from './assignment-statistics.ts'

const ClearAssignmentResult = resultUnion('ClearAssignment', ClearAssignmentSuccess)

/** What these resolvers take from the context of an operation. */
interface Context {
  assignments: AssignmentService
  assignmentStatistics: AssignmentStatistics
}

@Resolver(() => Assignment)
export class AssignmentResolver {
  @Mutation(() => Assignment, {
    description:
      'Decides one experiment for a unit and stores the decision and, unless told otherwise, the exposure. Needs assignment:assign; EXPERIMENT_NOT_FOUND is a top-level error.',
  })
  assign(
    @Arg('input', () => AssignInput, { description: 'Unit and experiment.' }) input: AssignInput,
    @Ctx() { assignments }: Context,
  ): Promise<Assignment> {
    return assignments.assign(input)
  }

  @Mutation(() => [Assignment], {
    description: 'Decides and stores every running experiment for a unit. Needs assignment:assign.',
  })
  assignAll(
    @Arg('input', () => AssignAllInput, { description: 'The unit.' }) input: AssignAllInput,
    @Ctx() { assignments }: Context,
  ): Promise<Assignment[]> {
    return assignments.assignAll(input)
  }

  @Mutation(() => Assignment, {
    nullable: true,
    description:
      'Decides and stores the first running experiment of a tag that enrols the unit; null when none does. Needs assignment:assign.',
  })
  assignFirst(
    @Arg('input', () => AssignFirstInput, { description: 'Unit and tag.' }) input: AssignFirstInput,
    @Ctx() { assignments }: Context,
  ): Promise<Assignment | null> {
    return assignments.assignFirst(input)
  }

  @Query(() => [Assignment], {
    description: 'What every running experiment would decide for a unit; nothing is stored. Needs assignment:evaluate.',
  })
  evaluate(
    @Arg('unitId', () => String, { description: 'The unit, 1 to 256 bytes.' }) unitId: string,
    @Arg('attributes', () => JsonObjectScalar, {
      nullable: true,
      description: 'What targeting looks at: at most 16 KB of JSON, 8 levels deep.',
    })
    attributes: Record<string, unknown> | null,
    @Arg('unitType', () => String, { defaultValue: 'user', description: 'Type of the unit.' }) unitType: string,
    @Ctx() { assignments }: Context,
  ): Promise<Assignment[]> {
    return assignments.evaluate({ unitId, unitType, attributes })
  }

  @Mutation(() => ClearAssignmentResult, {
    description:
      'Forgets the assignment of a unit, so that it is decided anew; its exposure stays. Needs assignment:clear.',
  })
  async clearAssignment(
    @Arg('input', () => ClearAssignmentInput, { description: 'Which assignment.' }) input: ClearAssignmentInput,
    @Ctx() { assignments }: Context,
  ): Promise<ClearAssignmentSuccess> {
    return Object.assign(new ClearAssignmentSuccess(), { cleared: await assignments.clear(input) })
  }
}

@Resolver(() => Experiment)
export class ExperimentAssignmentResolver {
  @FieldResolver(() => [AssignmentStatistic], {
    description: 'Assigned units against the weights, per epoch and variant. Needs assignment:read.',
  })
  assignmentStatistics(
    @Root() experiment: Experiment,
    @Ctx() { assignmentStatistics }: Context,
  ): Promise<AssignmentStatistic[]> {
    return assignmentStatistics.of(experiment)
  }
}
