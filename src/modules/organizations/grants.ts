import { DomainError } from '../../shared/domain-error.ts'
import { type KeyKind, type MemberRole, permissionsOf } from './permissions.ts'
import type { Viewer } from './viewer.ts'

/**
 * Nobody hands out more than they hold, by making a key or a token, or by a role.
 * @throws DomainError ROLE_TOO_HIGH
 */
export function assertMayGrant(viewer: Viewer, holder: MemberRole | KeyKind): void {
  const missing = [...permissionsOf(holder)].find((permission) => !viewer.can(permission))
  if (missing) {
    throw new DomainError(
      'ROLE_TOO_HIGH',
      `${holder} may ${missing}, which the caller may not; nobody grants more than they hold.`,
    )
  }
}
