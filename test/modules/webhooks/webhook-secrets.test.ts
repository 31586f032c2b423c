import { randomBytes } from 'node:crypto'
import { Client } from 'pg'
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Seen, settled, WebhookBench } from '../../support/webhook-bench.ts'
import { type ReceivedMessage, verified } from '../../support/webhook-receiver.ts'

let webhooks: WebhookBench
beforeAll(async () => {
  webhooks = await WebhookBench.open()
})
beforeEach(() => {
  webhooks.offsetMs = 0
})
afterAll(() => webhooks?.stop())

describe('an endpoint', () => {
  test('has a secret that is shown once, sealed in the database, and left out of the audit log', async () => {
    const { bench, secret, id } = await webhooks.endpoint()
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
    const client = new Client(webhooks.server.database.owner)
    await client.connect()
    const { rows } = await client.query('select s::text as row from webhook_secret s where organization_id = $1', [
      bench.seed.keys.organizationId,
    ])
    await client.end()
    const bytes = Buffer.from(secret.slice('whsec_'.length), 'base64')
    for (const shown of [secret, bytes.toString('hex'), Buffer.from(secret).toString('hex')]) {
      expect(rows[0].row).not.toContain(shown)
    }
    const { auditLog, node } = await bench.query(
      'query ($id: ID!) { auditLog(first: 50, filter: { subjectType: ["WebhookEndpoint"] }) { edges { node { before after } } } node(id: $id) { id } }',
      { id },
    )
    expect(node).toEqual({ id })
    expect(auditLog.edges.at(-1).node.after).toMatchObject({ destination: 'HTTP' })
    for (const shown of [secret, bytes.toString('hex')]) expect(JSON.stringify(auditLog)).not.toContain(shown)
  })

  test('signs with both secrets while one replaces the other, and then with the new one alone', async () => {
    const { bench, path, secret: old, send, id } = await webhooks.endpoint()
    const rotated = await send('rotateWebhookSecret', { webhookEndpointId: id, overlapHours: 2 })
    expect(rotated.secret).not.toBe(old)
    await bench.experiment('rotated')
    const [both] = await webhooks.receiver.until(path, 1)
    expect(String(both!.headers['webhook-signature']).split(' ')).toHaveLength(2)
    verified(old, both!)
    verified(rotated.secret, both!)
    webhooks.offsetMs = 3 * 3_600_000
    await bench.done('startExperiment', { experimentKey: 'rotated' })
    const [, one] = await webhooks.receiver.until(path, 2)
    expect(String(one!.headers['webhook-signature']).split(' ')).toHaveLength(1)
    webhooks.offsetMs = 0
    const again = await send('rotateWebhookSecret', { webhookEndpointId: id, overlapHours: 0 })
    await bench.done('pauseExperiment', { experimentKey: 'rotated' })
    const [, , last] = await webhooks.receiver.until(path, 3)
    verified(again.secret, last!)
    expect(() => verified(rotated.secret, last!)).toThrow()
  })

  test('signs with each secret before until its own time is over, five at the most; all of them end when told', async () => {
    const { bench, path, secret: first, send, id } = await webhooks.endpoint()
    const rotate = async (overlapHours: number) => send('rotateWebhookSecret', { webhookEndpointId: id, overlapHours })
    await bench.experiment('overlapping')
    await webhooks.receiver.until(path, 1)
    let sent = 1
    const tell = async () => {
      await bench.done('updateExperiment', { experimentKey: 'overlapping', name: `${sent}` })
      return (await webhooks.receiver.until(path, ++sent)).at(-1)!
    }
    await send('updateWebhookEndpoint', { webhookEndpointId: id, eventTypes: ['EXPERIMENT_UPDATED'] })
    const second = (await rotate(10)).secret
    const answer = await rotate(2)
    const until = (hours: number) => webhooks.offsetMs + Date.now() + hours * 3_600_000
    const [soonest, latest] = answer.webhookEndpoint.previousSecretsUntil.map((time: string) => Date.parse(time))
    for (const [time, hours] of [
      [soonest, 2],
      [latest, 10],
    ]) {
      expect(Math.abs(time - until(hours))).toBeLessThan(60_000)
    }
    const secrets = [first, second, answer.secret]
    expect(signersOf(await tell(), secrets)).toEqual(secrets)

    webhooks.offsetMs = 3 * 3_600_000
    expect(signersOf(await tell(), secrets)).toEqual([first, answer.secret])

    for (let count = 0; count < 3; count++) expect((await rotate(24)).code).toBeUndefined()
    expect(await rotate(24)).toMatchObject({ code: 'TOO_MANY_WEBHOOK_SECRETS' })
    const last = await rotate(0)
    expect(last.webhookEndpoint.previousSecretsUntil).toEqual([])
    expect(signersOf(await tell(), [...secrets, last.secret])).toEqual([last.secret])

    const { auditLog } = await bench.query(
      '{ auditLog(first: 50, filter: { subjectType: ["WebhookSecret"] }) { edges { node { action rootId before after } } } }',
    )
    const entries = auditLog.edges.map(({ node }: Seen) => node).reverse()
    expect(entries.every(({ rootId }: Seen) => rootId === id)).toBe(true)
    expect(entries.map(({ action }: Seen) => action).filter((action: string) => action === 'CREATED')).toHaveLength(7)
    expect(entries.filter(({ action }: Seen) => action === 'DELETED')).toHaveLength(6)
    expect(entries.find(({ action }: Seen) => action === 'UPDATED')).toMatchObject({
      before: { validUntil: null },
      after: { validUntil: expect.any(String) },
    })
  })

  test('whose secret was sealed by a lost key gets nothing, says why, and works again once it is rotated', async () => {
    const { bench, path, deliveries, send, id } = await webhooks.endpoint()
    const owner = new Client(webhooks.server.database.owner)
    await owner.connect()
    // As after a change of the key: it does not open.
    await owner.query('update webhook_secret set sealed = $1 where organization_id = $2', [
      randomBytes(60),
      bench.seed.keys.organizationId,
    ])
    await owner.end()
    await bench.experiment('sealed')
    const [failed] = await settled(deliveries)
    expect(failed).toMatchObject({ status: 'FAILED', attemptCount: 4 })
    for (const { statusCode, error } of failed.attempts) {
      expect(statusCode).toBeNull()
      expect(error).toContain('ASSAY_SECRET_KEY')
    }
    expect(webhooks.receiver.of(path)).toEqual([])
    const warning = webhooks.logged.find(({ msg }) => msg === failed.attempts[0].error)
    expect(warning).toMatchObject({ level: 40, webhookEndpointId: id })

    const { secret, webhookEndpoint } = await send('rotateWebhookSecret', { webhookEndpointId: id })
    expect(webhookEndpoint.previousSecretsUntil).toEqual([])
    await send('redeliverWebhook', { webhookDeliveryId: failed.id })
    const [message] = await webhooks.receiver.until(path, 1)
    verified(secret, message!)
  })
})

/** Which of the secrets a message is signed with, whatever its time. */
function signersOf({ headers, body }: ReceivedMessage, secrets: readonly string[]): string[] {
  const signatures = String(headers['webhook-signature']).split(' ')
  const at = new Date(Number(headers['webhook-timestamp']) * 1_000)
  return secrets.filter((secret) =>
    signatures.includes(new Webhook(secret).sign(String(headers['webhook-id']), at, body)),
  )
}
