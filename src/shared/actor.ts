/** Who changed something: `key:7`, `member:3`, or `system` for the server itself. */
export type Actor = `key:${number}` | `member:${number}` | 'system'
