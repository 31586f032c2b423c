import { Arg, Args, Ctx, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql'
import { ConnectionArgs, connectionOf, type Page, pageRequest } from '../../shared/connection.ts'
import { DateTimeScalar, JsonObjectScalar } from '../../shared/scalars.ts'
import { AnalysisPlanType } from '../experiments/analysis-plan.type.ts'
import { Experiment } from '../experiments/experiment.entity.ts'
import type { ExperimentReadModel } from '../experiments/experiment.read-model.ts'
import { Variant } from '../experiments/variant.entity.ts'
import type { ResultSubject } from '../results/result-subject.ts'
import type { DecisionReadModel } from './decision.read-model.ts'
import { DecisionVerification, ResultsHistoryPoint } from './decision.types.ts'
import { DecisionRecord } from './decision-record.entity.ts'
import { fromExactJson } from './exact-json.ts'

const DecisionRecordConnection = connectionOf(DecisionRecord)

/** What these resolvers take from the context of an operation. */
interface Context {
  decisions: DecisionReadModel
  experimentReads: ExperimentReadModel
}

@Resolver(() => DecisionRecord)
export class DecisionResolver {
  @Query(() => [ResultsHistoryPoint], {
    description:
      'How a metric of an experiment came to where it is: in order of time, every minute in which it changed, every hour beyond a week; 500 points at the most, evenly thinned. Needs result:read.',
  })
  resultsHistory(
    @Arg('experimentKey', () => String, { description: 'Key of the experiment.' }) experimentKey: string,
    @Arg('metricKey', () => String, { description: 'Key of one of its metrics.' }) metricKey: string,
    @Arg('from', () => DateTimeScalar, { nullable: true, description: 'At or after this time.' }) from: Date | null,
    @Arg('to', () => DateTimeScalar, { nullable: true, description: 'Before this time.' }) to: Date | null,
    @Ctx() { decisions }: Context,
  ): Promise<ResultsHistoryPoint[]> {
    return decisions.history(experimentKey, metricKey, from ?? null, to ?? null)
  }

  @Query(() => DecisionVerification, {
    description:
      'Computes a decision again, from the stored summaries with the stored plan, and says whether every number is the same to the bit. Needs result:read.',
  })
  verifyDecision(
    @Arg('id', () => ID, { description: 'Id of the decision.' }) id: string,
    @Ctx() { decisions }: Context,
  ): Promise<DecisionVerification> {
    return decisions.verify(id)
  }

  @FieldResolver(() => Variant, { nullable: true, description: 'The variant that the results advised to ship.' })
  async winner(@Root() decision: DecisionRecord, @Ctx() { experimentReads }: Context): Promise<Variant | null> {
    return decision.winnerVariantId == null ? null : experimentReads.variantById(decision.winnerVariantId)
  }

  @FieldResolver(() => AnalysisPlanType, { description: 'The plan that it was judged by.' })
  analysis(@Root() { subject }: DecisionRecord): AnalysisPlanType {
    const { analysis, metrics } = fromExactJson<ResultSubject>(subject)
    const tolerant = metrics.flatMap(({ metric, margin }) => (margin ? [{ key: metric.key, margin }] : []))
    return AnalysisPlanType.from(analysis, async () => tolerant)
  }

  @FieldResolver(() => JsonObjectScalar, {
    description:
      'The summaries that it rests on: units by epoch and variant (`exposures`), of them those whose window has ended, by metric (`matured`; RETENTION only), sums, sums of squares and of products by metric, epoch and variant (`metrics`), values by bucket (`histograms`; QUANTILE only), sums by day (`series`), and all but the last again for each value of the dimension that the plan stratifies by (`strata`).',
  })
  summaries(@Root() { aggregates }: DecisionRecord): Record<string, unknown> {
    return JSON.parse(aggregates)
  }
}

@Resolver(() => Experiment)
export class ExperimentDecisionResolver {
  @FieldResolver(() => DecisionRecordConnection, {
    description: 'What was advised and what was done, newest first. Needs result:read.',
  })
  decisions(
    @Root() { id }: Experiment,
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Ctx() { decisions }: Context,
  ): Promise<Page<DecisionRecord>> {
    return decisions.list(id, pageRequest(args))
  }
}
