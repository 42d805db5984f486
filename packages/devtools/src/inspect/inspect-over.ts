/** The inspection port over a replica in the same thread. */
import type { ReplicaBase } from '@skerry/core'
import {
  type Inspect,
  type SimulatedNetwork,
  type Stop,
  toLiveError,
  type ValueWatch,
  watchValue,
} from '@skerry/live'
import { type InspectPort, inspectPort } from '@skerry/tabs/inspect'
import { NetworkSimulator } from '../network/network-simulator.ts'
import { entryOf } from './entry-of.ts'
import type { HeldLines } from './held-lines.ts'
import { Lines } from './lines.ts'
import { LogReader } from './log-reader.ts'
import { recordOf } from './record-of.ts'

/** Milliseconds between two looks at the log, or at what sessions count: five a second are as many as anybody reads. */
const LOOK_MS_GAP = 200

export function inspectOver(replica: ReplicaBase, held: HeldLines): { inspect: Inspect; port: InspectPort } {
  const inspect = new InspectOver(replica, held)
  return { inspect, port: inspectPort(inspect) }
}

class InspectOver implements Inspect {
  readonly #replica: ReplicaBase
  readonly #log: LogReader
  readonly #lines: Lines
  readonly #network: NetworkSimulator

  constructor(replica: ReplicaBase, held: HeldLines) {
    this.#replica = replica
    const { host } = replica.session
    this.#network = new NetworkSimulator(host)
    this.#lines = new Lines(host, held, this.#network)
    this.#log = new LogReader(replica, (run) => this.#lines.peerOf(run))
  }

  about: Inspect['about'] = async () => {
    const { head, entries, records, bytes, parked } = await this.#replica.stats()
    const { node, space, collections } = this.#replica
    return { node, space, head, entries, records, bytes, parked, collections: [...collections.keys()] }
  }

  watchLog: Inspect['watchLog'] = (limit, told, failed) =>
    this.#watch(failed, {
      read: () => this.#log.newest(limit),
      onChange: (changed) => this.#replica.onCommit(changed),
      told,
    })

  log: Inspect['log'] = (below, limit) => this.#log.below(below, limit)

  entry: Inspect['entry'] = async (seq) => {
    const [logged] = await this.#replica.readEntries([seq])
    return logged && entryOf(this.#replica, logged, await this.#log.item(logged))
  }

  record: Inspect['record'] = (collection, id) => recordOf(this.#replica, collection, id)

  watchLines: Inspect['watchLines'] = (told, failed) =>
    this.#watch(failed, {
      read: async () => this.#lines.now(),
      onChange: (changed) => {
        const stop = this.#lines.subscribe(changed)
        const stopLooking = this.#every(changed)
        return () => {
          stop()
          stopLooking()
        }
      },
      told,
    })

  watchNetwork: Inspect['watchNetwork'] = (told, failed) =>
    this.#watch(failed, {
      read: async () => this.#network.state,
      onChange: (changed) => this.#network.subscribe(changed),
      told,
    })

  async setNetwork(network: SimulatedNetwork): Promise<void> {
    this.#lines.simulate(network)
  }

  #watch<Value>(
    failed: Parameters<Inspect['watchLog']>[2],
    watch: Omit<ValueWatch<Value>, 'failed' | 'pause'>,
  ): Stop {
    const { host } = this.#replica.session
    const pause = () => new Promise<void>((resolve) => host.timer(LOOK_MS_GAP, resolve))
    return watchValue({ ...watch, pause, failed: (error) => failed(toLiveError(error)) })
  }

  /** What sessions count changes without a word. */
  #every(look: () => void): Stop {
    const { host } = this.#replica.session
    let cancel: Stop
    const wait = () => {
      cancel = host.timer(LOOK_MS_GAP, () => {
        look()
        wait()
      })
    }
    wait()
    return () => cancel()
  }
}
