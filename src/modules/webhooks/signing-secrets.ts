import type { SecretBox } from '../../shared/secret-box.ts'
import type { WebhookSecret } from './webhook-secret.entity.ts'

/** The present secret of an endpoint was sealed by a key that the server does not have. */
export class SealedSecretError extends Error {
  override readonly name = 'SealedSecretError'

  constructor() {
    super(
      'The signing secret cannot be opened: the server has another ASSAY_SECRET_KEY than it was sealed by, or none. Rotate the secret.',
    )
  }
}

/**
 * What a message is signed with now, the present secret first; nothing where signatures are not taken. One before that cannot
 * be opened is left out.
 * @param secrets - of one endpoint, the newest first
 * @throws SealedSecretError
 */
export function openSecrets(secrets: readonly WebhookSecret[], box: SecretBox, now: Date): string[] {
  return secrets.filter(isInForce(now)).flatMap((secret) => {
    const opened = openSecret(secret, box)
    if (opened === null && !secret.validUntil) throw new SealedSecretError()
    return opened ?? []
  })
}

export function isInForce(now: Date): (secret: WebhookSecret) => boolean {
  return ({ validUntil }) => !validUntil || validUntil > now
}

/** Null when it was sealed by another key. */
export function openSecret({ organizationId, endpoint, sealed }: WebhookSecret, box: SecretBox): string | null {
  try {
    return box.open(sealed, placeOf(organizationId, endpoint.id))
  } catch {
    return null
  }
}

/** A sealed secret opens only at its own endpoint. */
export function placeOf(organizationId: string, endpointId: number): string {
  return `${organizationId}/webhook-endpoint/${endpointId}`
}
