/** An edge in the parent's process, which is never killed: it edits while other nodes come and go. */
import type { Collection, ReplicaBase, Session } from '@skerry/core'
import { openReplica } from '@skerry/node'
import { sqliteStore } from '@skerry/store-sqlite'
import { connect, type Link } from '@skerry/ws'
import { enrol } from './enrol.ts'
import { type Contents, contentsOf, sameContents } from './healing.ts'
import { Marker, type MarkerOptions } from './marker.ts'
import { SPACE } from './visits.ts'
import { within } from './within.ts'

/** Milliseconds until all was answered, or told. */
const HEALED_MS_MAX = 120_000

export interface LivingEdgeOptions<Value extends object> {
  path: string
  hubStore: string
  read: string[]
  name: string
  collection: Collection<Value>
}

type Marks<Value extends object> = Omit<MarkerOptions<Value>, 'replica' | 'records' | 'prefix'>

export class LivingEdge<Value extends object> {
  readonly name: string
  readonly #replica: ReplicaBase
  readonly #collection: string
  readonly #marker: Marker<Value>
  #link: Link<Session> | undefined
  #working: Promise<void> | undefined
  #goOn = false

  private constructor(name: string, replica: ReplicaBase, collection: string, marker: Marker<Value>) {
    this.name = name
    this.#replica = replica
    this.#collection = collection
    this.#marker = marker
  }

  static async start<Value extends object>(
    { path, hubStore, read, name, collection }: LivingEdgeOptions<Value>,
    marks: Marks<Value>,
  ): Promise<LivingEdge<Value>> {
    const replica = await openReplica({
      store: sqliteStore({ path }),
      collections: { marked: collection },
      space: SPACE,
    })
    await enrol(hubStore, replica, { subject: name, read })
    const marker = new Marker<Value>({ ...marks, replica, records: replica.marked, prefix: name })
    return new LivingEdge(name, replica, collection.name, marker)
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

  /** Resolves when every edit was answered from where it was to arrive. */
  allAnswered(): Promise<void> {
    return within(HEALED_MS_MAX, `every edit of ${this.name} to be answered`, this.#marker.allAnswered())
  }

  /** What this edge holds, as soon as it is the same as `wanted`; or what it held when the time was over. */
  async contentsLike(wanted: Contents<Value>): Promise<Contents<Value>> {
    const deadline = performance.now() + HEALED_MS_MAX
    let held = await this.#contents()
    while (!sameContents(held, wanted) && performance.now() < deadline) {
      await this.#nextCommit(deadline - performance.now())
      held = await this.#contents()
    }
    return held
  }

  async close(): Promise<void> {
    await this.rest()
    await this.disconnect()
    await this.#replica.close()
  }

  #contents(): Promise<Contents<Value>> {
    return contentsOf<Value>(this.#replica.collection(this.#collection))
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
