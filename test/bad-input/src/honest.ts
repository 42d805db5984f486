/**
 * Two honest devices and what they were promised. Whatever somebody else sends: what was acknowledged to them is kept, their sessions are not
 * broken off, and the next edit of one arrives at the other.
 */
import type { Session } from '@skerry/core'
import type { Link } from '@skerry/ws'
import { expect } from 'vitest'
import { type Device, enrolled, joinHub, type Space } from './space.ts'

/** Milliseconds for an edit to be acknowledged by the hub. */
const SAVED_MS_MAX = 10_000

export class HonestPair {
  #space: Space
  readonly #ana: Device
  readonly #ben: Device
  #sessions: (readonly [Link<Session>, Session | undefined])[] = []

  private constructor(space: Space, ana: Device, ben: Device) {
    this.#space = space
    this.#ana = ana
    this.#ben = ben
  }

  /** With one job acknowledged by the hub, and known to both. */
  static async start(space: Space): Promise<HonestPair> {
    const ana = await enrolled(space, { subject: 'tech:ana' })
    const ben = await enrolled(space, { subject: 'tech:ben' })
    const pair = new HonestPair(space, ana, ben)
    await pair.joinAgain(space)
    await ana.replica.jobs.create(
      { title: 'acknowledged before', region: 'north', hours: 1 },
      { id: 'honest' },
    )
    await pair.#arrived('acknowledged before')
    return pair
  }

  /** Meets a hub that has come back at another address. */
  async joinAgain(space: Space): Promise<void> {
    await Promise.all(this.#sessions.map(([link]) => link.close()))
    this.#space = space
    const links = [this.#ana, this.#ben].map((device) => joinHub(space.hub, device).link)
    await Promise.all(links.map((link) => link.opened()))
    this.#sessions = links.map((link) => [link, link.session] as const)
  }

  /** The record that the pair has in common with whoever writes into region north. */
  get record(): string {
    return 'jobs/honest'
  }

  /** @throws an assertion when anything of theirs was lost, or they cannot go on */
  async goOn(): Promise<void> {
    for (const [link, session] of this.#sessions) {
      expect(link.state.phase, 'an honest session goes on').toBe('open')
      expect(link.session, 'an honest session was not begun anew').toBe(session)
    }
    await this.kept()
  }

  /** As `goOn`, when their sessions may have been begun anew meanwhile. */
  async kept(): Promise<void> {
    const atHub = await this.#space.hub.replica.collection('jobs').get('honest')
    expect(atHub, 'what was acknowledged is at the hub').toMatchObject({ region: 'north', hours: 1 })
    await this.#ana.replica.jobs.update('honest', (job) => {
      job.title = 'edited afterwards'
    })
    await this.#arrived('edited afterwards')
  }

  async #arrived(title: string): Promise<void> {
    const seen = new Promise<void>((resolve, reject) => {
      const look = () => {
        this.#ben.replica.jobs.get('honest').then((job) => {
          if (job?.title !== title) return
          stop()
          resolve()
        }, reject)
      }
      const stop = this.#ben.replica.onCommit(look)
      look()
    })
    await this.#ana.replica.jobs.saved('honest', 'hub', { timeoutMs: SAVED_MS_MAX })
    await seen
  }
}
