/**
 * What all measurements share: a folder, hubs that have so many records, edges that are enrolled, the bare limit. Everything is a process of its own, and the
 * parent only waits: on two cores the two ends of a wire then have one each.
 */
import { existsSync } from 'node:fs'
import { cp, mkdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { BareCommands, Rows } from './bare-process.ts'
import type { EdgeCommands } from './edge-process.ts'
import type { HubCommands } from './hub-process.ts'
import { type Measured, startProcess } from './process.ts'
import { profileFile } from './profiles.ts'
import type { Scale } from './scale.ts'
import { median } from './statistics.ts'
import { REGION, visitId } from './visits.ts'

/** Bytes of a frame between two nodes: what a session fills one with. */
const FRAME_BYTES = 256 * 1024

export interface OpenHub {
  process: Measured<HubCommands>
  url: string
}

/** What a hub's store holds. */
export interface Shape {
  records: number
  /** Changes of each record. Default 1. */
  changes?: number
  withText?: boolean
}

export interface BenchOptions {
  folder: string
  scale: Scale
  /** Folder for CPU profiles. */
  profiles: string
  say: (line: string) => void
}

export interface Section<T> {
  result: T
  /** Milliseconds of processor time, of each process in the order given. */
  cpuMs: number[]
}

export class Bench {
  readonly scale: Scale
  readonly #options: BenchOptions
  #files = 0

  constructor(options: BenchOptions) {
    this.scale = options.scale
    this.#options = options
  }

  /** A path that nothing was at before. */
  file(name: string): string {
    this.#files += 1
    return join(this.#options.folder, `${this.#files}-${name}.db`)
  }

  /** Runs `work` with a hub that holds these records and has just been started: nothing is in its cache. */
  async withHub<T>(shape: Shape, work: (hub: OpenHub) => Promise<T>): Promise<T> {
    const store = await this.#seeded(shape)
    return this.#withStore('open', store, work)
  }

  /** The same, and a second hub that holds a copy, as if it were rebuilt: no edge has a cursor for it. */
  async withTwoHubs<T>(shape: Shape, work: (hub: OpenHub, rebuilt: OpenHub) => Promise<T>): Promise<T> {
    const store = await this.#seeded(shape)
    const copy = this.file('rebuilt')
    await cp(dirname(store), copy, { recursive: true })
    return this.#withStore('open', store, (hub) =>
      this.#withStore('openCopy', join(copy, basename(store)), (rebuilt) => work(hub, rebuilt)),
    )
  }

  async #withStore<T>(
    how: 'open' | 'openCopy',
    store: string,
    work: (hub: OpenHub) => Promise<T>,
  ): Promise<T> {
    const process = await startProcess<HubCommands>('hub-process.ts')
    try {
      const { url } = await process.call[how](store)
      const result = await work({ process, url })
      await process.call.close()
      return result
    } finally {
      await process.end()
    }
  }

  /** Runs `work` with a new edge that reads and writes the region of the visits, or another one. `flags`: of Node. */
  async withEdge<T>(
    hub: OpenHub,
    work: (edge: Measured<EdgeCommands>) => Promise<T>,
    { flags = [], region = REGION }: { flags?: readonly string[]; region?: string } = {},
  ): Promise<T> {
    const process = await startProcess<EdgeCommands>('edge-process.ts', flags)
    try {
      const publicKey = await process.call.open(this.file('edge'))
      const subject = `edge ${this.#files}`
      await process.call.enrol(
        await hub.process.call.issue({ publicKey, subject, channels: [`region:${region}`] }),
      )
      const result = await work(process)
      await process.call.close()
      return result
    } finally {
      await process.end()
    }
  }

  /** Milliseconds that plain ws and plain SQLite take for so many bytes in so many rows, in frames as a session makes them. */
  async bareRows(one: { bytes: number; rows: number }): Promise<number> {
    return (await this.bareRowsOfEach([one]))[0]!
  }

  /** The same for several, one after the other between the same two processes. */
  bareRowsOfEach(many: readonly { bytes: number; rows: number }[]): Promise<number[]> {
    return this.withBare(2, async ([receiver, sender]) => {
      const times: number[] = []
      for (const { bytes, rows } of many) {
        const rowBytes = Math.max(1, Math.round(bytes / rows))
        const rowsPerFrame = Math.min(rows, Math.max(1, Math.floor(FRAME_BYTES / rowBytes)))
        const frames: Rows = { frames: Math.ceil(rows / rowsPerFrame), rowsPerFrame, rowBytes }
        await sender!.call.connect(await receiver!.call.listenForRows(rowBytes))
        await sender!.call.send({ ...frames, frames: 3 })
        times.push(await sender!.call.send(frames))
      }
      return times
    })
  }

  /** The same for an edge that comes back, connecting included: the median of so many `runs`. */
  bareReconnect({ bytes, rows, runs }: { bytes: number; rows: number; runs: number }): Promise<number> {
    const rowBytes = Math.max(1, Math.round(bytes / rows))
    return this.withBare(2, async ([receiver, sender]) => {
      const url = await receiver!.call.listenForRows(rowBytes)
      const times: number[] = []
      // The first one warms up.
      for (let run = 0; run < runs + 1; run++)
        times.push(await sender!.call.reconnect({ url, rows: { frames: 1, rowsPerFrame: rows, rowBytes } }))
      return median(times.slice(1))
    })
  }

  async withBare<T>(count: number, work: (bare: Measured<BareCommands>[]) => Promise<T>): Promise<T> {
    const processes: Measured<BareCommands>[] = []
    try {
      while (processes.length < count) {
        const process = await startProcess<BareCommands>('bare-process.ts')
        processes.push(process)
        await process.call.open(this.file('bare'))
      }
      const result = await work(processes)
      for (const process of processes) await process.call.close()
      return result
    } finally {
      for (const process of processes) await process.end()
    }
  }

  /** Runs `work`, with what it cost these processes. */
  async section<T>(processes: readonly Measured[], work: () => Promise<T>): Promise<Section<T>> {
    const before = await Promise.all(processes.map(({ call }) => call.cpuMs()))
    const result = await work()
    const after = await Promise.all(processes.map(({ call }) => call.cpuMs()))
    return { result, cpuMs: after.map((ms, at) => ms - before[at]!) }
  }

  /** Runs `work` once more for a CPU profile of each process. Its times are no figures: profiling slows down what it looks at. */
  async profile<T>(name: string, processes: readonly Measured[], work: () => Promise<T>): Promise<T> {
    for (const { call } of processes) await call.startProfile()
    const result = await work()
    for (const [number, { name: of, call }] of processes.entries())
      await call.stopProfile(
        join(this.#options.profiles, profileFile({ section: name, number, process: of })),
      )
    return result
  }

  say(line: string): void {
    this.#options.say(line)
  }

  async #seeded({ records, changes = 1, withText = false }: Shape): Promise<string> {
    const folder = join(this.#options.folder, `hub-${records}-${changes}${withText ? '-text' : ''}`)
    const store = join(folder, 'hub.db')
    if (existsSync(store)) return store
    this.say(`writing ${records} records of ${changes} changes`)
    await mkdir(folder, { recursive: true })
    const process = await startProcess<HubCommands>('hub-process.ts')
    try {
      await process.call.open(store)
      if (withText) await process.call.createWithText(records)
      else await process.call.create({ first: 0, count: records })
      if (changes > 1) await process.call.edit({ ids: idsOf(records), edits: changes - 1, mark: 0 })
      await process.call.close()
    } finally {
      await process.end()
    }
    return store
  }
}

/** Ids of the first visits. */
export function idsOf(records: number): string[] {
  return Array.from({ length: records }, (_, number) => visitId(number))
}

/** `count` ids spread over all visits, other ones for each `round`. */
export function spreadIds(records: number, count: number, round: number): string[] {
  const step = Math.max(1, Math.floor(records / count))
  return Array.from({ length: count }, (_, number) => visitId((number * step + round) % records))
}
