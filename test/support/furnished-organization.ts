import { randomBytes } from 'node:crypto'
import { recomputeResults } from '../../src/server/jobs/recompute-results.ts'
import { watchOrganization } from '../../src/server/jobs/watch-organization.ts'
import { integerKey } from '../../src/shared/global-id.ts'
import type { Values } from './every-operation.ts'
import { Seed } from './seed.ts'
import type { TestServer, TestServerOptions } from './test-server.ts'

/** Options of a test server on which an organization can be furnished. */
export const FURNISHABLE = {
  webhooks: { secretKey: randomBytes(32), allowedNetworks: ['127.0.0.0/8'] },
} satisfies TestServerOptions

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
  // Far from the proportions of the weights, which raises an alert.
  await seed.arms('theirs', [
    { variantKey: 'control', units: 300, events: { 'their-metric': { units: 5 } } },
    { variantKey: 'treatment', units: 100 },
  ])
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
  // What happens from here on is told to it; no test server sends without being asked to run jobs.
  const { webhookEndpoint } = await admin(
    'createWebhookEndpoint',
    { url: `https://127.0.0.1/${mark}`, eventTypes: ['EXPERIMENT_PAUSED'], description: mark },
    'webhookEndpoint { id }',
  )
  for (const step of ['pauseExperiment', 'resumeExperiment']) {
    await admin(step, { experimentKey: 'theirs' }, '__typename')
  }
  await admin('setOverride', { experimentKey: 'theirs', unitId: 'qa', variantKey: 'control' }, '__typename')
  await admin(
    'createRollout',
    {
      key: 'their-rollout',
      name: `${mark} rollout`,
      description: mark,
      versionLabel: 'their-version',
      config: { mark },
      healthChecks: [{ signal: 'ERROR_RATE' }, { signal: 'METRIC', metricKey: 'their-metric', comparison: 'CONTROL' }],
    },
    '__typename',
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
  await watchOrganization(server.platform, seed.keys.organizationId)
  const { recomputation } = await admin(
    'recomputeResults',
    { experimentKey: 'theirs', asOf: server.platform.clock().toISOString() },
    'recomputation { id }',
  )
  await recomputeResults(server.platform, {
    organizationId: seed.keys.organizationId,
    payload: { recomputationId: integerKey(recomputation!.id, 'ResultsRecomputation')! },
  })
  const { experiment, metric, rollout, organization, auditLog, alerts, webhookEndpoints } = await server.graphql(
    seed.keys.adminKey,
    `{ experiment(key: "theirs") { id variants { id } results { id } decisions(first: 1) { edges { node { id } } } }
       metric(key: "their-metric") { id } organization { id } auditLog(first: 1) { edges { node { id } } }
       alerts(first: 1) { edges { node { id } } } rollout(key: "their-rollout") { id transitions { id } }
       webhookEndpoints(first: 1) { edges { node { deliveries(first: 1) { edges { node { id } } } } } } }`,
  )
  const { deliveries } = webhookEndpoints.edges[0].node
  const [decision, alert, auditEntry, delivery] = [experiment.decisions, alerts, auditLog, deliveries].map(
    ({ edges }) => edges[0].node,
  )
  const nodes = [
    ...[experiment, experiment.variants[0], experiment.results, decision, metric, rollout, rollout.transitions[0]],
    ...[organization, auditEntry, alert, member, apiKey, personalToken, webhookEndpoint, delivery],
    recomputation,
  ]
  return {
    seed,
    values: {
      id: experiment.id,
      ids: nodes.map(({ id }) => id),
      experimentKey: 'theirs',
      variantKey: 'control',
      metricKey: 'their-metric',
      rolloutKey: 'their-rollout',
      versionLabel: 'their-version',
      'metric.key': 'their-metric',
      'rollout.id': rollout.id,
      'rolloutDecision.key': 'their-rollout',
      'verifyDecision.id': decision.id,
      'resultsRecomputation.id': recomputation!.id,
      webhookEndpointId: webhookEndpoint!.id,
      webhookDeliveryId: delivery.id,
      memberId: member!.id,
      apiKeyId: apiKey!.id,
      personalTokenId: personalToken!.id,
      unitId: 'qa',
    },
  }
}
