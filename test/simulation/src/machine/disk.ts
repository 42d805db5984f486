/**
 * The disk of a simulated machine: what lasts when a process dies, with what the oracles know of it. A copy is a backup, or a cloned machine; put in the original's place it is a
 * restored one.
 */
import { MemoryDisk, type Seq } from '@skerry/core'
import { Stays } from '../oracles/stays.ts'

/** How a disk fails at present. */
export interface DiskFaults {
  /** Milliseconds that a commit takes, at most; 0: none. */
  slowMs: number
  /** Share of commits that are slow. */
  slowShare: number
  isFull: boolean
  /** Share of commits that fail. */
  failShare: number
  /** Share of entries that come back with one bit flipped. */
  flipShare: number
}

export const healthy: DiskFaults = { slowMs: 0, slowShare: 0, isFull: false, failShare: 0, flipShare: 0 }

export class Disk {
  readonly memory: MemoryDisk
  /** Who was in which channel from when to when, by what was committed here. */
  readonly stays: Stays
  /** Index of the newest grant that is surely stored here. */
  grantShown: number
  /** Sequences of entries that cannot be read back, until they are written again. */
  readonly rotten: Set<Seq>
  /** Name of the stream that a gateway writes: another one after each restore. */
  streamEpoch: number

  constructor(
    memory = new MemoryDisk(),
    stays = new Stays(),
    grantShown = 0,
    streamEpoch = 0,
    rotten: ReadonlySet<Seq> = new Set(),
  ) {
    this.memory = memory
    this.stays = stays
    this.grantShown = grantShown
    this.streamEpoch = streamEpoch
    this.rotten = new Set(rotten)
  }

  copy(): Disk {
    return new Disk(this.memory.clone(), this.stays.copy(), this.grantShown, this.streamEpoch, this.rotten)
  }
}
