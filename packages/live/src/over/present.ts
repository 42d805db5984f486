/** What this node shows in each channel, when several on a page show something: what began last, until it stops. */
import type { Json, Presence, ReplicaBase } from '@skerry/core'
import type { Stop } from '../port.ts'

export class Present {
  readonly #replica: ReplicaBase
  /** By channel; an object for each, so that two that show the same are told apart. */
  readonly #holders = new Map<string, { value: Json }[]>()

  constructor(replica: ReplicaBase) {
    this.#replica = replica
  }

  /** @throws PresenceRefused */
  show(channel: string, value: Json): Stop {
    const presence = this.#replica.presence(channel)
    presence.say(value)
    const holder = { value }
    const holders = (this.#holders.get(channel) ?? []).concat(holder)
    this.#holders.set(channel, holders)
    return () => this.#stop(presence, holder)
  }

  #stop(presence: Presence, holder: { value: Json }): void {
    const { channel } = presence
    const before = this.#holders.get(channel) ?? []
    const left = before.filter((one) => one !== holder)
    if (left.length === before.length) return
    this.#holders.set(channel, left)
    const last = left.at(-1)
    if (!last) {
      this.#holders.delete(channel)
      presence.leave()
    } else if (before.at(-1) === holder) presence.say(last.value)
  }
}
