import type { Authenticator } from '../modules/organizations/authenticator.ts'
import type { Viewer } from '../modules/organizations/viewer.ts'
import { DomainError } from '../shared/domain-error.ts'

/** Longest delay that a timer takes, in milliseconds. */
const MOST_DELAY_MS = 2 ** 31 - 1
/** Before a key is asked about again whose end could not be made sure of, in milliseconds. */
const AGAIN_MS = 1_000

/** Something that stays open on a key or token: a WebSocket, an event stream. */
export class Session {
  readonly #controller = new AbortController()
  readonly #secret: string
  #viewer: Viewer

  constructor(secret: string, viewer: Viewer) {
    this.#secret = secret
    this.#viewer = viewer
  }

  /** With the permissions that it has now. */
  get viewer(): Viewer {
    return this.#viewer
  }

  /** Aborts with the DomainError that ended the session. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Ends the session unless its key or token still holds, for the same member or key. */
  async recheck(authenticator: Authenticator): Promise<void> {
    if (this.signal.aborted) return
    try {
      this.#viewer = await authenticator.authenticate(this.#secret)
    } catch (error) {
      // Only what is known ends a session: a database that does not answer says nothing about the key.
      if (!(error instanceof DomainError)) return
      this.#controller.abort(new DomainError('KEY_REVOKED', 'The key or token was revoked or has expired.'))
    }
  }
}

/** The open sessions of the process, which end when their key or token does. */
export class Sessions {
  readonly #authenticator: Authenticator
  readonly #open = new Map<Session, NodeJS.Timeout | null>()

  constructor(authenticator: Authenticator) {
    this.#authenticator = authenticator
  }

  /** @throws DomainError UNAUTHENTICATED */
  async open(secret: string | null): Promise<Session> {
    const generation = this.#authenticator.generation
    const session = new Session(secret ?? '', await this.#authenticator.authenticate(secret))
    this.#schedule(session)
    // What was changed while the secret was looked up was told before the session could hear of it.
    if (generation !== this.#authenticator.generation) await this.#recheck(session)
    if (session.signal.aborted) {
      this.close(session)
      throw new DomainError('UNAUTHENTICATED', session.signal.reason.message)
    }
    return session
  }

  /** Before each operation: who asks, by what is known at this moment. @throws DomainError that ended the session */
  async confirm(session: Session): Promise<Viewer> {
    await this.#recheck(session)
    session.signal.throwIfAborted()
    return session.viewer
  }

  close(session: Session): void {
    clearTimeout(this.#open.get(session) ?? undefined)
    this.#open.delete(session)
  }

  /** After a change of who may do what. @param organizationId - all organizations without it */
  async recheck(organizationId?: string): Promise<void> {
    const concerned = [...this.#open.keys()].filter(
      ({ viewer }) => organizationId === undefined || viewer.organizationId === organizationId,
    )
    await Promise.all(concerned.map((session) => this.#recheck(session)))
  }

  async #recheck(session: Session): Promise<void> {
    const { viewer } = session
    await session.recheck(this.#authenticator)
    if (session.viewer !== viewer && this.#open.has(session)) this.#schedule(session)
  }

  /** Asks about the key again when it should have come to its end. */
  #schedule(session: Session): void {
    clearTimeout(this.#open.get(session) ?? undefined)
    const { expiresAt } = session.viewer
    if (!expiresAt) {
      this.#open.set(session, null)
      return
    }
    const left = expiresAt.getTime() - Date.now()
    // One that has passed and still holds is asked about again, at leisure.
    const delay = left < 0 ? AGAIN_MS : Math.min(MOST_DELAY_MS, left + 1)
    const ask = async () => {
      await session.recheck(this.#authenticator)
      if (this.#open.has(session) && !session.signal.aborted) this.#schedule(session)
    }
    this.#open.set(session, setTimeout(() => void ask(), delay).unref())
  }
}
