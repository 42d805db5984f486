/**
 * The durable half of the store in memory: what would be the disk. A store can be dropped and another opened on the same disk,
 * which is how the simulator crashes a node; a clone of a disk is a backup, or a stolen phone.
 */
import { LogIndex } from './log-index.ts'
import { StoreError } from './port.ts'

export class MemoryDisk {
  #state = new LogIndex()
  #owner: object | undefined

  /** The disk as it is now, held by nobody. Opened in place of the original it is a restored backup. */
  clone(): MemoryDisk {
    const copy = new MemoryDisk()
    copy.#state = this.#state.clone()
    return copy
  }

  /** The power went: whoever had the disk open has lost it, and its calls fail from now on with code `closed`. */
  crash(): void {
    this.#owner = undefined
  }

  /** For a store at `open`. @throws StoreError locked */
  attach(owner: object): LogIndex {
    if (this.#owner !== undefined) {
      throw new StoreError(
        'locked',
        'open: another store in this process has this memory disk open; close it first, or call crash() on the disk',
      )
    }
    this.#owner = owner
    return this.#state
  }

  /** For a store at every call. @throws StoreError closed */
  stateOf(owner: object): LogIndex {
    if (this.#owner === owner) return this.#state
    throw new StoreError(
      'closed',
      'store in memory is not open: it was never opened, was closed, or its disk crashed',
    )
  }

  detach(owner: object): void {
    if (this.#owner === owner) this.#owner = undefined
  }
}
