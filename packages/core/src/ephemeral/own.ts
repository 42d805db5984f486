/**
 * What this replica says of itself, by channel: signed when it changes and at every beat (PR-1, PR-2). Signing waits; what is said meanwhile is signed after it, the last of it only.
 */
import type { Host } from '../host.ts'
import * as limit from './limits.ts'
import type { SaidKind } from './said.ts'

export interface OwnPorts {
  timer: Host['timer']
  /** Signs and tells; `value` is empty when it leaves. False when the credential does not grant the channel. @throws what signing throws */
  speak(kind: SaidKind, channel: string, value: Uint8Array): Promise<boolean>
  failed(error: unknown): void
}

interface Own {
  /** Undefined: it leaves. */
  value: Uint8Array | undefined
  /** Said, and to be said again. */
  isDue: boolean
  speaking: Promise<void> | undefined
  cancelBeat: () => void
}

const NO_BYTES = new Uint8Array()

export class OwnPresences {
  readonly #ports: OwnPorts
  readonly #byChannel = new Map<string, Own>()
  #ended = false

  constructor(ports: OwnPorts) {
    this.#ports = ports
  }

  /** Channels in which it is present, or is leaving. */
  get size(): number {
    return this.#byChannel.size
  }

  has(channel: string): boolean {
    return this.#byChannel.get(channel)?.value !== undefined
  }

  say(channel: string, value: Uint8Array): void {
    let own = this.#byChannel.get(channel)
    if (own === undefined) {
      own = { value, isDue: true, speaking: undefined, cancelBeat: () => undefined }
      this.#byChannel.set(channel, own)
    }
    own.value = value
    this.#speak(channel, own)
  }

  leave(channel: string): void {
    const own = this.#byChannel.get(channel)
    if (own?.value === undefined) return
    own.value = undefined
    this.#speak(channel, own)
  }

  /** Everything at once: the credential is another one. */
  sayAgain(): void {
    for (const [channel, own] of this.#byChannel) this.#speak(channel, own)
  }

  /** Leaves every channel; resolves when that was told. */
  async leaveAll(): Promise<void> {
    const left = [...this.#byChannel.values()]
    for (const channel of [...this.#byChannel.keys()]) this.leave(channel)
    await Promise.all(left.map(({ speaking }) => speaking))
    this.#ended = true
  }

  #speak(channel: string, own: Own): void {
    own.cancelBeat()
    own.isDue = true
    if (this.#ended) return
    own.speaking ??= this.#speakAll(channel, own)
  }

  async #speakAll(channel: string, own: Own): Promise<void> {
    while (own.isDue) {
      own.isDue = false
      const { value } = own
      try {
        const isGranted = await this.#ports.speak(
          value === undefined ? 'left' : 'here',
          channel,
          value ?? NO_BYTES,
        )
        if (!isGranted) own.value = undefined
      } catch (error) {
        this.#ports.failed(error)
      }
    }
    // In the same step as the last look at what is due: what is said from now on speaks for itself.
    own.speaking = undefined
    if (own.value === undefined) this.#byChannel.delete(channel)
    else own.cancelBeat = this.#ports.timer(limit.BEAT_MS, () => this.#speak(channel, own))
  }
}
