/**
 * The oracle for "no entry outside its channels". It watches the commits of one log and keeps, for each record and channel, from when to when the record was in it; it
 * shares no code with what reads channels for a session. An entry may be told to a node if the node is granted a channel which the record had not left
 * before that entry: what came before entering travels with the record, what came after leaving must not.
 */
import type { Batch, Seq, Store } from '@skerry/core'

interface Stay {
  channel: string
  entered: Seq
  left: Seq | undefined
}

export class Stays {
  readonly #stays = new Map<string, Stay[]>()

  /** The log's store, with its commits watched. */
  watch(store: Store): Store {
    return {
      ...store,
      commit: async (batch) => {
        await store.commit(batch)
        this.#follow(batch)
      },
    }
  }

  mayTell(record: string, seq: Seq, granted: ReadonlySet<string>): boolean {
    return (this.#stays.get(record) ?? []).some(
      (stay) => granted.has(stay.channel) && (stay.left === undefined || seq < stay.left),
    )
  }

  copy(): Stays {
    const copy = new Stays()
    for (const [record, stays] of this.#stays)
      copy.#stays.set(
        record,
        stays.map((stay) => ({ ...stay })),
      )
    return copy
  }

  #follow(batch: Batch): void {
    // What a device gives up later may still be on its way, so `forgotten` changes nothing here.
    for (const mark of batch.marks) {
      const stays = this.#stays.get(mark.record) ?? []
      this.#stays.set(mark.record, stays)
      if (mark.kind === 'enter') stays.push({ channel: mark.channel, entered: mark.seq, left: undefined })
      else for (const stay of stays) if (stay.channel === mark.channel) stay.left ??= mark.seq
    }
  }
}
