import { getNamedType, isUnionType } from 'graphql'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createSchema } from '../../src/server/schema.ts'
import { FURNISHABLE, type FurnishedOrganization, furnishOrganization } from '../support/furnished-organization.ts'
import { startTestServer, type TestServer } from '../support/test-server.ts'

/** What units send and are told: the log of changes is about what people set up. */
const TRAFFIC = new Set([
  ...['assign', 'assignAll', 'assignFirst', 'recordExposures', 'recordRolloutExposures'],
  ...['reportRolloutHealth', 'trackEvents'],
])

type Step = readonly [mutation: string, input: object]

/** Every mutation, in an order in which each has something to change. */
function steps({ values }: FurnishedOrganization): Step[] {
  const { memberId, apiKeyId, personalTokenId, webhookEndpointId, webhookDeliveryId } = values
  const draft = { experimentKey: 'draft' }
  const clone = { experimentKey: 'clone' }
  const rollout = { rolloutKey: 'own' }
  const variant = { key: 'a', weightBasisPoints: 10_000 }
  return [
    ['updateOrganization', { name: 'Renamed' }],
    ['addMember', { name: 'Second', email: 'second@a.example', role: 'OWNER' }],
    ['updateMember', { memberId, name: 'Renamed' }],
    ['createPersonalToken', { name: 'Second', memberId }],
    ['updatePersonalToken', { personalTokenId, name: 'Renamed' }],
    ['revokePersonalToken', { personalTokenId }],
    ['removeMember', { memberId }],
    ['createApiKey', { name: 'Second', kind: 'SERVER' }],
    ['updateApiKey', { apiKeyId, name: 'Renamed' }],
    ['revokeApiKey', { apiKeyId }],
    ['createMarketingMetrics', { keyPrefix: 'm-' }],
    ['createMetric', { key: 'own', name: 'Own', kind: 'PROPORTION', eventName: 'own' }],
    ['updateMetric', { metricKey: 'own', name: 'Renamed' }],
    ['archiveMetric', { metricKey: 'own' }],
    ['unarchiveMetric', { metricKey: 'own' }],
    ['deleteMetric', { metricKey: 'own' }],
    ['createExperiment', { key: 'draft', name: 'Draft' }],
    ['updateExperiment', { ...draft, name: 'Renamed' }],
    ['addVariant', { ...draft, variant }],
    ['updateVariant', { ...draft, variantKey: 'a', name: 'Renamed' }],
    ['removeVariant', { ...draft, variantKey: 'a' }],
    ['addExperimentMetric', { ...draft, metricKey: 'their-metric', role: 'PRIMARY' }],
    ['updateExperimentMetric', { ...draft, metricKey: 'their-metric', role: 'SECONDARY' }],
    ['removeExperimentMetric', { ...draft, metricKey: 'their-metric' }],
    ['cancelExperiment', draft],
    ['deleteExperiment', draft],
    ['cloneExperiment', { experimentKey: 'theirs', key: 'clone' }],
    ['setExperimentAutomation', { ...clone, noDataHours: 5 }],
    ['startExperiment', clone],
    ['setOverride', { ...clone, unitId: 'qa', variantKey: 'treatment' }],
    ['removeOverride', { ...clone, unitId: 'qa' }],
    ['updateAllocation', { ...clone, trafficBasisPoints: 5_000 }],
    ['pauseExperiment', clone],
    ['resumeExperiment', clone],
    ['completeExperiment', { ...clone, winnerVariantKey: 'treatment' }],
    ['promoteWinner', { ...clone, key: 'promoted' }],
    ['clearAssignment', { experimentKey: 'theirs', unitId: 'assigned' }],
    ['rebuildExperiment', { experimentKey: 'theirs' }],
    ['recomputeResults', { experimentKey: 'theirs', asOf: new Date().toISOString() }],
    ['createRollout', { key: 'own', name: 'Own', versionLabel: 'v9' }],
    ['updateRollout', { ...rollout, name: 'Renamed' }],
    ['startRollout', rollout],
    ['pauseRollout', rollout],
    ['resumeRollout', rollout],
    ['skipRolloutStage', rollout],
    ['setRolloutShare', { ...rollout, shareBasisPoints: 9_000 }],
    ['rollBackRollout', rollout],
    ['deleteRollout', rollout],
    ['completeRollout', { rolloutKey: 'their-rollout' }],
    ['createWebhookEndpoint', { url: 'https://127.0.0.1/second', eventTypes: ['ALERT_RAISED'] }],
    ['updateWebhookEndpoint', { webhookEndpointId, description: 'Changed' }],
    ['rotateWebhookSecret', { webhookEndpointId }],
    ['redeliverWebhook', { webhookDeliveryId }],
    ['deleteWebhookEndpoint', { webhookEndpointId }],
  ]
}

const mutations = createSchema().getMutationType()!.getFields()

let server: TestServer
let organization: FurnishedOrganization
beforeAll(async () => {
  server = await startTestServer(FURNISHABLE)
  organization = await furnishOrganization(server, 'ours')
})
afterAll(() => server?.stop())

it('every mutation that changes something leaves an entry in the audit log, by whoever did it', async () => {
  const { adminKey } = organization.seed.keys
  const all = steps(organization)
  const named = new Set(all.map(([mutation]) => mutation))
  expect(Object.keys(mutations).sort()).toEqual([...named, ...TRAFFIC].sort())

  const assigned = 'mutation { assign(input: { experimentKey: "theirs", unitId: "assigned" }) { __typename } }'
  await server.graphql(adminKey, assigned)
  const { viewer } = await server.graphql(adminKey, '{ viewer { actor } }')
  const count = async () => {
    const query = 'query ($actor: [String!]) { auditLog(filter: { actor: $actor }) { totalCount } }'
    return (await server.graphql(adminKey, query, { actor: [viewer.actor] })).auditLog.totalCount as number
  }
  const silent: string[] = []
  for (const [mutation, input] of all) {
    const before = await count()
    const { args, type } = mutations[mutation]!
    const failure = isUnionType(getNamedType(type)) ? '... on Error { code message }' : ''
    const query = `mutation ($input: ${args[0]!.type}) { ${mutation}(input: $input) { __typename ${failure} } }`
    const answer = (await server.graphql(adminKey, query, { input }))[mutation]
    expect(answer.code, `${mutation}: ${answer.message}`).toBeUndefined()
    if ((await count()) === before) silent.push(mutation)
  }
  expect(silent).toEqual([])
})
