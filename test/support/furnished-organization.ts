import type { Values } from './every-operation.ts'
import { Seed } from './seed.ts'
import type { TestServer } from './test-server.ts'

/** An organization with something of every kind in it, and how the arguments of operations name it. */
export interface FurnishedOrganization {
  seed: Seed
  values: Values
}

/** @param mark - stands in every text of the organization */
export async function furnishOrganization(server: TestServer, mark: string): Promise<FurnishedOrganization> {
  const seed = await Seed.organization(server)
  await seed.experiment({
    key: 'theirs',
    name: `${mark} experiment`,
    hypothesis: mark,
    tags: [mark],
    metrics: [{ key: 'their-metric', name: `${mark} metric`, kind: 'PROPORTION', description: mark }],
  })
  await seed.arms('theirs', [{ variantKey: 'control', units: 20, events: { 'their-metric': { units: 5 } } }])
  const admin = async (name: string, input: object, answer: string) => {
    const type = name[0]!.toUpperCase() + name.slice(1)
    const query = `mutation ($input: ${type}Input!) { ${name}(input: $input) { ... on ${type}Success { ${answer} } ... on Error { code message } } }`
    return (await seed.admin(query, { ...input })) as Record<string, { id: string }>
  }
  const { member } = await admin(
    'addMember',
    { name: mark, email: `${mark}@a.example`, role: 'OWNER' },
    'member { id }',
  )
  const { apiKey } = await admin('createApiKey', { name: mark, kind: 'SERVER' }, 'apiKey { id }')
  const { personalToken } = await admin(
    'createPersonalToken',
    { name: mark, memberId: member!.id },
    'personalToken { id }',
  )
  await admin('setOverride', { experimentKey: 'theirs', unitId: 'qa', variantKey: 'control' }, '__typename')
  const { rollout } = await admin(
    'createRollout',
    {
      key: 'their-rollout',
      name: `${mark} rollout`,
      description: mark,
      versionLabel: 'their-version',
      config: { mark },
      healthChecks: [{ signal: 'ERROR_RATE' }, { signal: 'METRIC', metricKey: 'their-metric', comparison: 'CONTROL' }],
    },
    'rollout { id }',
  )
  await admin('startRollout', { rolloutKey: 'their-rollout' }, '__typename')
  await server.graphql(
    seed.keys.adminKey,
    'mutation ($input: ReportRolloutHealthInput!) { reportRolloutHealth(input: $input) { accepted } }',
    {
      input: {
        samples: [{ rolloutKey: 'their-rollout', idempotencyKey: 's1', arm: 'TREATMENT', requests: 10, errors: 1 }],
      },
    },
  )
  const { experiment, metric, organization, auditLog } = await server.graphql(
    seed.keys.adminKey,
    `{ experiment(key: "theirs") { id variants { id } results { id } } metric(key: "their-metric") { id }
       organization { id } auditLog(first: 1) { edges { node { id } } } }`,
  )
  const ids = [experiment, experiment.variants[0], experiment.results, metric, organization, auditLog.edges[0].node]
  return {
    seed,
    values: {
      id: experiment.id,
      ids: [...ids.map(({ id }) => id), rollout!.id, member!.id, apiKey!.id, personalToken!.id],
      experimentKey: 'theirs',
      variantKey: 'control',
      metricKey: 'their-metric',
      rolloutKey: 'their-rollout',
      versionLabel: 'their-version',
      'metric.key': 'their-metric',
      memberId: member!.id,
      apiKeyId: apiKey!.id,
      personalTokenId: personalToken!.id,
      unitId: 'qa',
    },
  }
}
