/** An edge process is killed; its hub lives on here. What the edge acknowledged is in its store, and arrives at the hub, exactly once. */
import { join } from 'node:path'
import { SeededRandom } from '@skerry/core/testing'
import { createLog, type Hub, startHub } from '@skerry/hub'
import { openReplica } from '@skerry/node'
import { sqliteStore } from '@skerry/store-sqlite'
import { Book, type Found } from './book.ts'
import type { EdgeErrand, EdgeLine } from './edge-errand.ts'
import { enrol } from './enrol.ts'
import { connected, contentsOf, mustBeEqual } from './healing.ts'
import { KillMoment } from './kill-moment.ts'
import type { MarkedEdit } from './marking.ts'
import { Standby } from './subject.ts'
import type { Target, TargetOptions } from './target.ts'
import { collections, SPACE, type Visit } from './visits.ts'

/** Acknowledged edits looked for when the edge opens its store again: those of the last moments before the kill. */
const VERIFIED_MAX = 200
const RECORDS_KEPT = 8

export class EdgeTarget implements Target {
  readonly #hub: Hub
  readonly #path: string
  readonly #random: SeededRandom
  readonly #standby: Standby<EdgeLine>
  readonly #book = new Book()
  #records: string[] = []
  #verify: MarkedEdit[] = []

  private constructor(hub: Hub, path: string, options: TargetOptions) {
    this.#hub = hub
    this.#path = path
    this.#random = new SeededRandom(options.seed)
    this.#standby = new Standby(
      new URL('./edge-process.ts', import.meta.url),
      join(options.folder, 'compiled'),
    )
  }

  static async start(options: TargetOptions): Promise<EdgeTarget> {
    const log = createLog({ level: 'error' })
    const hub = await startHub(
      { space: SPACE, collections },
      { port: 0, store: join(options.folder, 'hub.db'), log },
    )
    const path = join(options.folder, 'edge.db')
    const replica = await openReplica({ store: sqliteStore({ path }), collections, space: SPACE })
    await enrol(join(options.folder, 'hub.db'), replica, { subject: 'edge' })
    await replica.close()
    return new EdgeTarget(hub, path, options)
  }

  get acknowledgedHere(): number {
    return this.#book.count('here')
  }

  get acknowledgedThere(): number {
    return this.#book.count('there')
  }

  async round(number: number): Promise<void> {
    const missing: MarkedEdit[] = []
    const heard: Record<'here' | 'there', MarkedEdit[]> = { here: [], there: [] }
    const moment = new KillMoment(this.#random)
    const edge = this.#standby.take()
    await edge.go(this.#errand(number), ({ said, ...edit }) => {
      if (said === 'open') return
      const marked = edit as MarkedEdit
      if (said === 'begun') this.#book.begin(marked)
      else if (said === 'missing') missing.push(marked)
      else {
        this.#book.acknowledge(marked, said)
        heard[said].push(marked)
        moment.acknowledged(said)
      }
    })
    await moment.come(edge.closed)
    await edge.kill()
    await this.#lookFor(missing, heard.there)
    this.#verify = heard.here.slice(-VERIFIED_MAX)
    this.#records = [...new Set([...this.#records, ...heard.here.map(({ record }) => record)])].slice(
      -RECORDS_KEPT,
    )
  }

  async check(): Promise<Found> {
    const replica = await openReplica({ store: sqliteStore({ path: this.#path }), collections, space: SPACE })
    try {
      const opened = this.#book.check(await contentsOf<Visit>(replica.visits), 'here')
      const link = await connected(replica, this.#hub.url)
      const atEdge = await contentsOf<Visit>(replica.visits)
      await link.close()
      const atHub = await contentsOf<Visit>(this.#hub.replica.collection('visits'))
      mustBeEqual('the edge', atEdge, 'the hub', atHub)
      const healed = this.#book.check(atHub, 'here')
      return {
        lost: [...opened.lost, ...healed.lost],
        duplicated: [...opened.duplicated, ...healed.duplicated],
      }
    } finally {
      await replica.close()
    }
  }

  async close(): Promise<void> {
    await this.#standby.dismiss()
    await this.#hub.close()
  }

  #errand(round: number): EdgeErrand {
    return {
      path: this.#path,
      hubUrl: `${this.#hub.url.replace('http', 'ws')}/sync`,
      round,
      seed: this.#random.u32(),
      records: this.#records,
      verify: this.#verify,
    }
  }

  /** Cheap, after every kill: what the edge itself missed at its start, and what it said is at the hub. */
  async #lookFor(missing: readonly MarkedEdit[], atHub: readonly MarkedEdit[]): Promise<void> {
    if (missing.length > 0)
      throw new Error(
        `acknowledged by the edge and not there when it opened its store again: ${JSON.stringify(missing)}`,
      )
    const visits = await contentsOf<Visit>(
      this.#hub.replica.collection('visits'),
      atHub.map(({ record }) => record),
    )
    const lost = atHub.filter(({ record, mark }) => !visits.get(record)?.marks[mark])
    if (lost.length > 0) throw new Error(`said to be at the hub and not there: ${JSON.stringify(lost)}`)
  }
}
