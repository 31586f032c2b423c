/** Loads each of the requests once, however often it is made, and answers in their order. @param nameOf - the same for the same request */
export async function onceEach<Request, Answer>(
  requests: readonly Request[],
  nameOf: (request: Request) => string | number,
  load: (distinct: readonly Request[]) => Promise<readonly Answer[]>,
): Promise<Answer[]> {
  const distinct = new Map(requests.map((request) => [nameOf(request), request]))
  const answers = await load([...distinct.values()])
  const places = new Map([...distinct.keys()].map((name, place) => [name, place]))
  return requests.map((request) => answers[places.get(nameOf(request))!]!)
}
