import type { SecretBox } from '../../shared/secret-box.ts'
import type { WebhookEndpoint } from './webhook-endpoint.entity.ts'

/** The secrets that a message is signed with now, the present one first; none where signatures are not taken. */
export function secretsOf(
  { organizationId, id, secret, previousSecret, previousSecretUntil }: WebhookEndpoint,
  box: SecretBox,
  now: Date,
): string[] {
  const place = placeOf(organizationId, id)
  const sealed = [secret, previousSecretUntil && previousSecretUntil > now ? previousSecret : null]
  return sealed.flatMap((each) => (each ? [box.open(each, place)] : []))
}

/** A sealed secret opens only at its own endpoint. */
export function placeOf(organizationId: string, endpointId: number): string {
  return `${organizationId}/webhook-endpoint/${endpointId}`
}
