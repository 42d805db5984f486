/** What a hub said may be heard, and become durable, after it was set back (W-5): then it counts as said before. */
import type { Disk } from '../machine/disk.ts'
import type { NodeFace } from '../nodes/surroundings.ts'

/** A session with a hub. */
export interface Answering {
  hub: NodeFace
  /** That the hub had when the session began: another one since it was set back. */
  disk: Disk
  /** How often hubs had been set back by then. */
  hubRestores: number
}

export class Answers {
  /** Whose answers are on their way to the disk. */
  readonly #underWay = new Set<Answering>()
  #last: Answering | undefined

  async keep<T>(answering: Answering, work: () => Promise<T>): Promise<T> {
    this.#underWay.add(answering)
    try {
      return await work()
    } finally {
      this.#underWay.delete(answering)
      this.#last = answering
    }
  }

  /** How often hubs had been set back when that was said which has become durable just now. */
  hubRestores(now: number): number {
    const underWay = [...this.#underWay]
    const told = this.#last && underWay.length === 0 ? [this.#last] : underWay
    const before = told.filter(({ hub, disk }) => hub.disk !== disk)
    return Math.min(now, ...before.map(({ hubRestores }) => hubRestores))
  }
}
