import { describedEnum } from '../../shared/described-enum.ts'

const EVENT_TYPES = {
  EXPERIMENT_CREATED: 'A draft was created or cloned.',
  EXPERIMENT_UPDATED: 'Something about an experiment changed, but not its status.',
  EXPERIMENT_STARTED: 'An experiment was started.',
  EXPERIMENT_PAUSED: 'An experiment was paused.',
  EXPERIMENT_RESUMED: 'An experiment goes on.',
  EXPERIMENT_COMPLETED: 'An experiment was completed.',
  EXPERIMENT_CANCELLED: 'An experiment was cancelled.',
  EXPERIMENT_DELETED: 'An experiment was deleted.',
  METRIC_CHANGED: 'A metric was created, changed, archived or deleted.',
  DECISION_RECOMMENDED: 'What the results of an experiment advise became another decision.',
  ROLLOUT_CREATED: 'A rollout was drafted.',
  ROLLOUT_CHANGED: 'Something about a rollout changed, but not its status or stage.',
  ROLLOUT_STARTED: 'A rollout was started.',
  ROLLOUT_STAGE_ENTERED: 'A rollout entered a stage.',
  ROLLOUT_PAUSED: 'A rollout was paused.',
  ROLLOUT_RESUMED: 'A rollout goes on.',
  ROLLOUT_COMPLETED: 'A rollout has reached everybody.',
  ROLLOUT_ROLLED_BACK: 'A rollout was rolled back.',
  ROLLOUT_DELETED: 'A rollout was deleted.',
  ALERT_RAISED: 'Somebody should look at something.',
  ALERT_CLEARED: 'The cause of an alert has ended.',
} as const

export type WebhookEventType = keyof typeof EVENT_TYPES

/** As it stands in a message: EXPERIMENT_STARTED is `experiment.started`. */
export function wireNameOf(type: WebhookEventType): string {
  return type.toLowerCase().replace('_', '.')
}

export const WebhookEventTypeEnum = describedEnum(
  'WebhookEventType',
  'What a webhook tells of; in the message its name is in lower case with a dot.',
  Object.fromEntries(
    (Object.entries(EVENT_TYPES) as Array<[WebhookEventType, string]>).map(([type, description]) => [
      type,
      `\`${wireNameOf(type)}\`: ${description}`,
    ]),
  ) as Record<WebhookEventType, string>,
)

export const WebhookDestinationEnum = describedEnum('WebhookDestination', 'What stands at the address.', {
  HTTP: 'A receiver of signed messages, by the Standard Webhooks specification.',
  SLACK: 'An incoming webhook of Slack, or of what takes its form: `{"text": …}`.',
})
export type WebhookDestination = keyof typeof WebhookDestinationEnum

export const WebhookDeliveryStatusEnum = describedEnum('WebhookDeliveryStatus', 'Where a delivery stands.', {
  PENDING: 'It is sent, or waits to be sent again.',
  DELIVERED: 'The receiver has taken it: it answered with a status from 200 to 299.',
  FAILED: 'No attempt succeeded.',
  CANCELLED: 'The endpoint was switched off or removed before it could be delivered.',
})
export type WebhookDeliveryStatus = keyof typeof WebhookDeliveryStatusEnum

export const WebhookDisabledReasonEnum = describedEnum('WebhookDisabledReason', 'Why an endpoint is switched off.', {
  BY_HAND: 'Somebody switched it off.',
  FAILING: 'Nothing could be delivered for five days.',
  GONE: 'It answered 410, which asks for no more.',
})
export type WebhookDisabledReason = keyof typeof WebhookDisabledReasonEnum
