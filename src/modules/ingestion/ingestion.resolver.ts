import { Ctx, Mutation, Resolver } from 'type-graphql'
import type { Viewer } from '../organizations/viewer.ts'
import type { Ingestion } from './ingestion.ts'
import { Receipt, RecordExposuresInput, TrackEventsInput } from './ingestion.types.ts'
import { PlainInput } from './plain-input.ts'

/** What these resolvers take from the context of an operation. */
interface Context {
  ingestion: Ingestion
  viewer: Viewer
}

@Resolver()
export class IngestionResolver {
  @Mutation(() => Receipt, {
    description:
      'Records that units met variants. Answered means committed. Needs exposure:record; BATCH_TOO_LARGE beyond 5,000.',
  })
  recordExposures(
    @PlainInput(RecordExposuresInput, 'The exposures.') input: RecordExposuresInput,
    @Ctx() { ingestion, viewer }: Context,
  ): Promise<Receipt> {
    return ingestion.recordExposures(viewer, input)
  }

  @Mutation(() => Receipt, {
    description: 'Takes in events of units. Answered means committed. Needs event:track; BATCH_TOO_LARGE beyond 5,000.',
  })
  trackEvents(
    @PlainInput(TrackEventsInput, 'The events.') input: TrackEventsInput,
    @Ctx() { ingestion, viewer }: Context,
  ): Promise<Receipt> {
    return ingestion.trackEvents(viewer, input)
  }
}
