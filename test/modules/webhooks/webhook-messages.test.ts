import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Seen, settled, WebhookBench } from '../../support/webhook-bench.ts'
import { verified } from '../../support/webhook-receiver.ts'

let webhooks: WebhookBench
beforeAll(async () => {
  webhooks = await WebhookBench.open()
})
afterAll(() => webhooks?.stop())

describe('a message', () => {
  test('is signed so that the official library verifies it, and says what happened, by whom, in which order', async () => {
    const { bench, path, secret, deliveries } = await webhooks.endpoint()
    await bench.experiment('told', { start: true })
    await bench.done('pauseExperiment', { experimentKey: 'told' })
    const messages = await webhooks.receiver.until(path, 3)
    for (const message of messages) {
      expect(verified(secret, message)).toEqual(message.json)
      expect(() => verified(`whsec_${randomBytes(32).toString('base64')}`, message)).toThrow()
      expect(message.headers['content-type']).toBe('application/json')
    }
    const inOrder = messages.map(({ json }) => json).sort((a, b) => a.data.sequence - b.data.sequence)
    expect(inOrder).toMatchObject([
      { type: 'experiment.created', data: { sequence: 1, experiment: { key: 'told', status: 'DRAFT' } } },
      { type: 'experiment.started', data: { sequence: 2, experiment: { status: 'RUNNING', version: 2 } } },
      { type: 'experiment.paused', data: { sequence: 3, actor: expect.stringMatching(/^key:\d+$/), reason: null } },
    ])
    expect(await settled(deliveries)).toMatchObject([
      { status: 'DELIVERED', sequence: 1, attempts: [{ number: 1, statusCode: 200, error: null, response: 'ok' }] },
      { status: 'DELIVERED', sequence: 2 },
      { status: 'DELIVERED', sequence: 3 },
    ])
    expect(new Set(messages.map(({ headers }) => headers['webhook-id'])).size).toBe(3)
  })

  test('is numbered by subject, without gaps, however many change at once', async () => {
    const { bench, path } = await webhooks.endpoint({ eventTypes: ['EXPERIMENT_UPDATED', 'METRIC_CHANGED'] })
    for (const key of ['one', 'two']) await bench.experiment(key)
    const update = (experimentKey: string, name: string) => bench.mutate('updateExperiment', { experimentKey, name })
    const changes = ['one', 'two'].flatMap((key) =>
      Array.from({ length: 8 }, (_, turn) => update(key, `${key} ${turn}`)),
    )
    const done = (await Promise.all(changes)).filter(({ experiment }) => experiment)
    const messages = await webhooks.receiver.until(path, done.length + 2)
    const bySubject = Map.groupBy(messages, ({ json }) => json.data.experiment?.key ?? json.data.metric.key)
    expect([...bySubject.keys()].sort()).toEqual(['one', 'one-converted', 'two', 'two-converted'])
    for (const about of bySubject.values()) {
      const numbers = about.map(({ json }) => json.data.sequence).sort((a, b) => a - b)
      expect(numbers).toEqual(numbers.map((_, index) => index + 1))
    }
  })

  test('is not written for a change that fails, nor for what nobody asked for', async () => {
    const { bench, deliveries } = await webhooks.endpoint({ eventTypes: ['EXPERIMENT_STARTED'] })
    await bench.experiment('unready', { variants: [] })
    expect(await bench.refused('startExperiment', { experimentKey: 'unready' })).toBe('TOO_FEW_VARIANTS')
    expect(await deliveries()).toEqual([])
  })

  test('says why a person took a step of a rollout, and so does the audit log', async () => {
    const { bench, path } = await webhooks.endpoint({ eventTypes: ['ROLLOUT_PAUSED', 'ROLLOUT_RESUMED'] })
    // In one operation: the cause of one step is not that of the next.
    await bench.query(`mutation {
      createRollout(input: { key: "why", name: "Why", versionLabel: "v2" }) { __typename }
      startRollout(input: { rolloutKey: "why" }) { __typename }
      pauseRollout(input: { rolloutKey: "why", cause: "Support calls." }) { __typename }
      resumeRollout(input: { rolloutKey: "why" }) { __typename }
    }`)
    const messages = await webhooks.receiver.until(path, 2)
    const reasons = messages.map(({ json }) => [json.type, json.data.reason])
    expect(Object.fromEntries(reasons)).toEqual({ 'rollout.paused': 'Support calls.', 'rollout.resumed': null })
    const { auditLog } = await bench.query(
      '{ auditLog(first: 20, filter: { rootKey: "why", subjectType: ["Rollout"] }) { edges { node { reason after } } } }',
    )
    expect(auditLog.edges.map(({ node }: Seen) => [node.after.status, node.reason]).reverse()).toEqual([
      ['DRAFT', null],
      ['RUNNING', null],
      ['PAUSED', 'Support calls.'],
      ['RUNNING', null],
    ])
  })

  test('has the form of Slack where Slack is, without a signature', async () => {
    const { bench, path, secret } = await webhooks.endpoint({
      destination: 'SLACK',
      eventTypes: ['EXPERIMENT_STARTED'],
    })
    expect(secret).toBeNull()
    await bench.experiment('slack', { name: 'A <b> & c', start: true })
    const [message] = await webhooks.receiver.until(path, 1)
    expect(message!.json).toEqual({ text: '*experiment.started* · A &lt;b&gt; &amp; c (slack)' })
    expect(message!.headers['webhook-signature']).toBeUndefined()
  })
})
