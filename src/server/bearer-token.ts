/** The secret in `Bearer …`, as it stands in an Authorization header; null if there is none. */
export function bearerToken(header: unknown): string | null {
  return typeof header === 'string' ? (/^Bearer +(\S+)$/i.exec(header)?.[1] ?? null) : null
}
