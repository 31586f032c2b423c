import { wireNameOf } from './webhook.enums.ts'
import type { WebhookDelivery } from './webhook-delivery.entity.ts'

type Message = Pick<WebhookDelivery, 'eventType' | 'createdAt' | 'data' | 'sequence'>

/** The body by the Standard Webhooks specification; the same at every attempt. */
export function messageBody({ eventType, createdAt, data, sequence }: Message): Record<string, unknown> {
  return { type: wireNameOf(eventType), timestamp: createdAt.toISOString(), data: { ...data, sequence } }
}

/** The body for Slack: one line of text, in which nothing calls people or opens a link of its own. */
export function slackBody({ eventType, data }: Message): { text: string } {
  const subject = Object.values(data).find((part) => isSubject(part)) as Record<string, unknown> | undefined
  const { name, key, experimentKey, message, recommendation } = subject ?? {}
  const named = [name, key ?? experimentKey].filter((part) => part != null).map(String)
  const parts = [
    `*${wireNameOf(eventType)}*`,
    named.length === 2 ? `${named[0]} (${named[1]})` : named[0],
    recommendation,
    message,
  ]
  return { text: plainText(parts.filter((part) => part != null && part !== '').join(' · ')) }
}

function isSubject(part: unknown): boolean {
  return typeof part === 'object' && part !== null && 'id' in part
}

/** As Slack asks for in its message formatting: the three characters that have a meaning of their own. */
function plainText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
