/** An edge in the parent's process, which is never killed: it edits while its hub comes and goes. */
import type { Replica, Session } from '@skerry/core'
import { openReplica } from '@skerry/node'
import { sqliteStore } from '@skerry/store-sqlite'
import { connect, type Link } from '@skerry/ws'
import { enrol } from './enrol.ts'
import { type Contents, contentsOf, sameContents } from './healing.ts'
import { Marker, type MarkerOptions } from './marker.ts'
import { collections, SPACE } from './visits.ts'
import { within } from './within.ts'

/** Milliseconds until the hub has answered all, or told all. */
const HEALED_MS_MAX = 60_000

export interface LivingEdgeOptions {
  path: string
  hubStore: string
  read: string[]
  name: string
}

export class LivingEdge {
  readonly name: string
  readonly #replica: Replica<typeof collections>
  readonly #marker: Marker
  #link: Link<Session> | undefined
  #working: Promise<void> | undefined
  #goOn = false

  private constructor(name: string, replica: Replica<typeof collections>, marker: Marker) {
    this.name = name
    this.#replica = replica
    this.#marker = marker
  }

  static async start(
    { path, hubStore, read, name }: LivingEdgeOptions,
    marks: Omit<MarkerOptions, 'replica' | 'prefix'>,
  ): Promise<LivingEdge> {
    const replica = await openReplica({ store: sqliteStore({ path }), collections, space: SPACE })
    await enrol(hubStore, replica, { subject: name, read })
    return new LivingEdge(name, replica, new Marker({ ...marks, replica, prefix: name }))
  }

  /** Begins to edit, unless it does already. */
  work(): void {
    if (this.#goOn) return
    this.#goOn = true
    this.#working = this.#marker.run(() => this.#goOn)
  }

  /** Resolves when the last edit was made. */
  async rest(): Promise<void> {
    this.#goOn = false
    this.#marker.wake()
    await this.#working
  }

  connect(hubUrl: string): void {
    this.#link = connect(this.#replica, `${hubUrl.replace('http', 'ws')}/sync`)
  }

  async disconnect(): Promise<void> {
    await this.#link?.close()
    this.#link = undefined
  }

  /** Resolves when the hub has answered every edit. */
  reported(): Promise<void> {
    return within(HEALED_MS_MAX, `the hub to answer ${this.name}`, this.#marker.reported())
  }

  /** What this edge holds, as soon as it is the same as `wanted`; or what it held when the time was over. */
  async contentsLike(wanted: Contents): Promise<Contents> {
    const deadline = performance.now() + HEALED_MS_MAX
    let held = await contentsOf(this.#replica.visits)
    while (!sameContents(held, wanted) && performance.now() < deadline) {
      await this.#nextCommit(deadline - performance.now())
      held = await contentsOf(this.#replica.visits)
    }
    return held
  }

  async close(): Promise<void> {
    await this.rest()
    await this.disconnect()
    await this.#replica.close()
  }

  #nextCommit(msMax: number): Promise<void> {
    return new Promise((resolve) => {
      const settle = () => {
        stop()
        clearTimeout(timer)
        resolve()
      }
      const stop = this.#replica.onCommit(settle)
      const timer = setTimeout(settle, msMax)
    })
  }
}
