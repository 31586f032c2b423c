/** Every permission, `noun:verb`, with the members' roles and the kinds of key that hold it. */
const PERMISSIONS = {
  'schema:read': ['analyst', 'experimenter', 'admin', 'owner', 'SERVER', 'ADMIN'],
  'organization:read': ['analyst', 'experimenter', 'admin', 'owner', 'SERVER', 'ADMIN'],
  'organization:write': ['owner', 'ADMIN'],
  'member:read': ['analyst', 'experimenter', 'admin', 'owner', 'ADMIN'],
  'member:write': ['admin', 'owner', 'ADMIN'],
  'key:read': ['admin', 'owner', 'ADMIN'],
  'key:write': ['admin', 'owner', 'ADMIN'],
  'token:write': ['analyst', 'experimenter', 'admin', 'owner', 'ADMIN'],
  'experiment:read': ['analyst', 'experimenter', 'admin', 'owner', 'SERVER', 'ADMIN'],
  'experiment:write': ['experimenter', 'admin', 'owner', 'ADMIN'],
  'experiment:start': ['experimenter', 'admin', 'owner', 'ADMIN'],
  'experiment:complete': ['experimenter', 'admin', 'owner', 'ADMIN'],
  'experiment:delete': ['experimenter', 'admin', 'owner', 'ADMIN'],
  'experiment:rebuild': ['admin', 'owner', 'ADMIN'],
  'metric:read': ['analyst', 'experimenter', 'admin', 'owner', 'SERVER', 'ADMIN'],
  'metric:write': ['experimenter', 'admin', 'owner', 'ADMIN'],
  'result:read': ['analyst', 'experimenter', 'admin', 'owner', 'SERVER', 'ADMIN'],
  'result:recompute': ['analyst', 'experimenter', 'admin', 'owner', 'ADMIN'],
  'rollout:read': ['analyst', 'experimenter', 'admin', 'owner', 'SERVER', 'ADMIN'],
  'rollout:write': ['experimenter', 'admin', 'owner', 'ADMIN'],
  'rollout:ramp': ['experimenter', 'admin', 'owner', 'ADMIN'],
  'rollout:delete': ['experimenter', 'admin', 'owner', 'ADMIN'],
  'rollout:decide': ['SERVER', 'CLIENT', 'ADMIN', 'analyst', 'experimenter', 'admin', 'owner'],
  'rollout:report': ['SERVER', 'ADMIN', 'experimenter', 'admin', 'owner'],
  'assignment:read': ['analyst', 'experimenter', 'admin', 'owner', 'SERVER', 'ADMIN'],
  'assignment:assign': ['SERVER', 'CLIENT', 'ADMIN', 'experimenter', 'admin', 'owner'],
  'assignment:evaluate': ['SERVER', 'CLIENT', 'ADMIN', 'analyst', 'experimenter', 'admin', 'owner'],
  'assignment:clear': ['SERVER', 'ADMIN', 'experimenter', 'admin', 'owner'],
  'exposure:record': ['SERVER', 'CLIENT', 'ADMIN', 'experimenter', 'admin', 'owner'],
  'exposure:import': ['ADMIN', 'admin', 'owner'],
  'webhook:read': ['admin', 'owner', 'ADMIN'],
  'webhook:write': ['admin', 'owner', 'ADMIN'],
  'audit:read': ['admin', 'owner', 'ADMIN'],
  'event:track': ['SERVER', 'CLIENT', 'ADMIN', 'experimenter', 'admin', 'owner'],
} as const satisfies Record<string, ReadonlyArray<MemberRole | KeyKind>>

export type MemberRole = 'owner' | 'admin' | 'experimenter' | 'analyst'
export type KeyKind = 'SERVER' | 'CLIENT' | 'ADMIN'
export type Permission = keyof typeof PERMISSIONS

/** All that a role or a kind of key may do. */
export function permissionsOf(holder: MemberRole | KeyKind): ReadonlySet<Permission> {
  const entries = Object.entries(PERMISSIONS) as Array<[Permission, ReadonlyArray<MemberRole | KeyKind>]>
  return new Set(entries.filter(([, holders]) => holders.includes(holder)).map(([permission]) => permission))
}
