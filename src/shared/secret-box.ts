import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { DomainError } from './domain-error.ts'

const CIPHER = 'aes-256-gcm'
const NONCE_BYTES = 12
const TAG_BYTES = 16
export const SECRET_KEY_BYTES = 32

/** Keeps secrets that must be read again: sealed by the operator's key, each to the place where it stands. */
export class SecretBox {
  readonly #key: Buffer | null

  /** @param key - 32 bytes; null: nothing can be kept */
  constructor(key: Buffer | null) {
    if (key && key.length !== SECRET_KEY_BYTES) {
      throw new RangeError(`The secret key has ${key.length} bytes; it takes ${SECRET_KEY_BYTES}.`)
    }
    this.#key = key
  }

  /**
   * @param place - where the secret is kept; it opens nowhere else
   * @throws DomainError SECRET_KEY_MISSING
   */
  seal(secret: string, place: string): Buffer {
    const nonce = randomBytes(NONCE_BYTES)
    const cipher = createCipheriv(CIPHER, this.#given(), nonce).setAAD(Buffer.from(place))
    return Buffer.concat([nonce, cipher.update(secret, 'utf8'), cipher.final(), cipher.getAuthTag()])
  }

  /** @throws DomainError SECRET_KEY_MISSING; Error when it was sealed by another key, or for another place */
  open(sealed: Uint8Array, place: string): string {
    const box = Buffer.from(sealed)
    const decipher = createDecipheriv(CIPHER, this.#given(), box.subarray(0, NONCE_BYTES))
      .setAAD(Buffer.from(place))
      .setAuthTag(box.subarray(-TAG_BYTES))
    return decipher.update(box.subarray(NONCE_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8')
  }

  #given(): Buffer {
    if (this.#key) return this.#key
    throw new DomainError('SECRET_KEY_MISSING', 'Secrets cannot be kept: the operator has not set ASSAY_SECRET_KEY.')
  }
}
