/**
 * The hub is killed; three edges live on here and edit the same visits, with the hub and without it. What it said is saved is there when it comes back, before any
 * edge can tell it again, and in the end everyone has everything exactly once.
 */
import { join } from 'node:path'
import { SeededRandom } from '@skerry/core/testing'
import { Book, type Found } from './book.ts'
import { type Contents, mustBeEqual } from './healing.ts'
import type { HubErrand, HubLine } from './hub-errand.ts'
import { KillMoment } from './kill-moment.ts'
import { LivingEdge } from './living-edge.ts'
import type { MarkedEdit } from './marking.ts'
import { Standby, type Subject } from './subject.ts'
import type { Target, TargetOptions } from './target.ts'
import { type Visit, visitMarking, visits } from './visits.ts'

/** What each edge may read: everything, everything, and the one channel that all visits are in. */
const grants = [['*'], ['*'], ['visits']]
/** Milliseconds for a hub to open its store and look for what it acknowledged. */
const LISTENING_MS_MAX = 120_000

interface RunningHub {
  process: Subject<HubLine>
  /** Resolves with the address, once the hub has looked for everything it was asked for. */
  listening: Promise<string>
  contents: Contents<Visit>
}

export class HubTarget implements Target {
  readonly #store: string
  readonly #random: SeededRandom
  readonly #standby: Standby<HubLine>
  readonly #book = new Book()
  readonly #missing: MarkedEdit[] = []
  #edges: LivingEdge<Visit>[] = []
  /** Said to be saved at the hub, and not looked for since. */
  #unverified: MarkedEdit[] = []
  #moment: KillMoment | undefined

  private constructor({ folder, seed }: TargetOptions) {
    this.#store = join(folder, 'hub.db')
    this.#random = new SeededRandom(seed)
    this.#standby = new Standby(new URL('./hub-process.ts', import.meta.url), join(folder, 'compiled'))
  }

  static async start(options: TargetOptions): Promise<HubTarget> {
    const target = new HubTarget(options)
    for (const [index, read] of grants.entries()) {
      target.#edges.push(
        await LivingEdge.start(
          {
            path: join(options.folder, `edge-${index}.db`),
            hubStore: target.#store,
            read,
            name: `e${index}`,
            collection: visits,
          },
          {
            marking: visitMarking,
            random: target.#random.fork(),
            begun: (edit) => target.#book.begin(edit),
            here: (edit) => {
              target.#book.acknowledge(edit, 'here')
              target.#moment?.acknowledged('here')
            },
            there: (edit) => target.#saved(edit),
          },
        ),
      )
    }
    return target
  }

  get acknowledgedHere(): number {
    return this.#book.count('here')
  }

  get acknowledgedThere(): number {
    return this.#book.count('there')
  }

  async round(): Promise<void> {
    for (const edge of this.#edges) edge.work()
    const moment = new KillMoment(this.#random)
    this.#moment = moment
    const hub = await this.#startHub(false)
    // A hub that is killed while it opens its store never says where it listens.
    void hub.listening.then((url) => this.#connect(url))
    await moment.come(hub.process.closed)
    await this.#kill(hub)
  }

  async check(): Promise<Found> {
    for (const edge of this.#edges) await edge.rest()
    const healing = await this.#startHub(true)
    this.#connect(await listens(healing))
    const found = this.#book.check(healing.contents, 'there')
    for (const edge of this.#edges) await edge.allAnswered()
    await this.#kill(healing)
    const last = await this.#startHub(true)
    this.#connect(await listens(last))
    for (const edge of this.#edges) {
      const contents = await edge.contentsLike(last.contents)
      mustBeEqual(edge.name, contents, 'the hub', last.contents)
    }
    const healed = this.#book.check(last.contents, 'here')
    await this.#kill(last)
    return { lost: [...found.lost, ...healed.lost], duplicated: [...found.duplicated, ...healed.duplicated] }
  }

  async close(): Promise<void> {
    await this.#standby.dismiss()
    for (const edge of this.#edges) await edge.close()
  }

  #saved(edit: MarkedEdit): void {
    this.#book.acknowledge(edit, 'there')
    this.#unverified.push(edit)
    this.#moment?.acknowledged('there')
  }

  #connect(url: string): void {
    for (const edge of this.#edges) edge.connect(url)
  }

  async #startHub(tellAll: boolean): Promise<RunningHub> {
    const process = this.#standby.take()
    const verify = this.#unverified
    const contents = new Map<string, Visit>()
    let listens: (url: string) => void = () => undefined
    const listening = new Promise<string>((resolve) => {
      listens = resolve
    })
    const errand: HubErrand = { store: this.#store, verify, tellAll }
    await process.go(errand, (line) => {
      if (line.said === 'missing') this.#missing.push(line)
      else if (line.said === 'visit') contents.set(line.id, line.visit)
      else {
        this.#unverified = this.#unverified.slice(verify.length)
        listens(line.url)
      }
    })
    return { process, listening, contents }
  }

  async #kill(hub: RunningHub): Promise<void> {
    await hub.process.kill()
    for (const edge of this.#edges) await edge.disconnect()
    if (this.#missing.length > 0)
      throw new Error(
        `said to be saved at the hub and not there when it came back: ${JSON.stringify(this.#missing)}`,
      )
  }
}

const listens = ({ process, listening }: RunningHub): Promise<string> =>
  process.hears(LISTENING_MS_MAX, 'the hub to listen', listening)
