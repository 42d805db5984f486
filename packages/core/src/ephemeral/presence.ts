/** What an app sees of presence in one channel. */
import { encodeUtf8 } from '../bytes/utf8.ts'
import { copyJson } from '../records/json-copy.ts'
import type { Json } from '../records/shape.ts'
import { mayRead } from './authors.ts'
import { PRESENT_CHANNELS_MAX, VALUE_BYTES_MAX } from './limits.ts'
import type { LivePresences } from './presences.ts'

export interface Other {
  /** Hex of the first 16 bytes of sha256(device key). */
  node: string
  /** Of its credential, for people: `tech:ana`. */
  subject: string
  value: Json
  /** Milliseconds since it said so, or said it again. */
  heardMsAgo: number
}

export type PresenceRefusal = 'off' | 'not-enrolled' | 'not-granted' | 'not-json' | 'too-large' | 'too-many'

export class PresenceRefused extends Error {
  override readonly name = 'PresenceRefused'
  readonly code: PresenceRefusal
  constructor(code: PresenceRefusal, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
  }
}

/** Who is in a channel: what this replica shows there, and what others do. Never stored. */
export class Presence {
  readonly channel: string
  readonly #presences: LivePresences | undefined

  /** Undefined: this replica takes no part. */
  constructor(channel: string, presences: LivePresences | undefined) {
    this.channel = channel
    this.#presences = presences
  }

  /**
   * Shows this to all who may read the channel, in place of what it showed before, until `leave`. It is repeated by itself.
   * @param value JSON, at most 1 KiB of UTF-8
   * @throws PresenceRefused
   */
  say(value: Json): void {
    const bytes = this.#encode(value)
    const { own } = this.#granted()
    if (!own.has(this.channel) && own.size >= PRESENT_CHANNELS_MAX)
      throw this.#refused(
        'too-many',
        `it is present in ${own.size} channels, limit ${PRESENT_CHANNELS_MAX}; leave one`,
      )
    own.say(this.channel, bytes)
  }

  /** Is here no more, and says so. */
  leave(): void {
    this.#presences?.own.leave(this.channel)
  }

  /** The other nodes that are here, in the order in which they were heard; copies, for the caller to keep. */
  others(): Other[] {
    const presences = this.#presences
    if (presences === undefined) return []
    return presences.others(this.channel).map((slot) => ({
      node: slot.node,
      subject: slot.author.credential.subject,
      value: copyJson(slot.value!),
      heardMsAgo: presences.ageMs(slot),
    }))
  }

  /** Called after `others` changed; being repeated is no change. The result stops it. */
  subscribe(listener: () => void): () => void {
    return this.#presences?.subscribe(this.channel, listener) ?? (() => undefined)
  }

  #encode(value: Json): Uint8Array {
    const bytes = encodeUtf8(this.#textOf(value))
    if (bytes.length > VALUE_BYTES_MAX)
      throw this.#refused(
        'too-large',
        `the value has ${bytes.length} bytes of JSON, limit ${VALUE_BYTES_MAX}`,
      )
    return bytes
  }

  /** Callers without types hand in anything. */
  #textOf(value: unknown): string {
    let text: string | undefined
    try {
      text = JSON.stringify(value)
    } catch (cause) {
      throw this.#refused('not-json', `the value has no JSON: ${cause}`, cause)
    }
    if (text === undefined) throw this.#refused('not-json', `a ${typeof value} has no JSON`)
    return text
  }

  #granted(): LivePresences {
    const presences = this.#presences
    if (presences === undefined)
      throw this.#refused('off', 'this replica takes no part; open it without `presence: false`')
    const { credential } = presences
    if (credential === undefined)
      throw this.#refused('not-enrolled', 'this replica has no credential; set one first')
    if (!mayRead(credential, this.channel))
      throw this.#refused(
        'not-granted',
        `the credential of ${credential.subject} does not grant it for reading; ask the operator`,
      )
    return presences
  }

  #refused(code: PresenceRefusal, why: string, cause?: unknown): PresenceRefused {
    return new PresenceRefused(code, `presence in ${this.channel}: ${why}`, { cause })
  }
}
