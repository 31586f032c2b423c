/**
 * Loads all requests together or, when that fails, each alone: one that cannot be answered gets its error and takes nothing from the
 * others.
 */
export async function eachAlone<Request, Answer>(
  requests: readonly Request[],
  load: (requests: readonly Request[]) => Promise<readonly Answer[]>,
): Promise<ReadonlyArray<Answer | Error>> {
  try {
    return await load(requests)
  } catch (error) {
    if (requests.length === 1) return [error as Error]
    return (await Promise.all(requests.map((request) => eachAlone([request], load)))).flat()
  }
}
