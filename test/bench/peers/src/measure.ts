/** Measures one contender with so many records: seeds a server, starts it anew, and lets devices come. Everything it waits for has an end. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Measured, startProcess } from '../../src/process.ts'
import { median, percentile } from '../../src/statistics.ts'
import { within } from '../../src/within.ts'
import type { Contender } from './contender.ts'
import { CountingLine } from './counting-line.ts'
import type { DeviceCommands } from './device-commands.ts'
import type { Exchange, Live, Outcome } from './outcome.ts'
import type { PrintedCommand } from './serve-contender.ts'
import type { Place, ServerCommands } from './server.ts'

/** How much of everything, and how long it may take. */
export interface Effort {
  /** Runs of what is short; the figure is the median. */
  runs: number
  /** Records changed while a device is away. */
  changed: number
  /** Live edits; 0 for none. */
  liveEdits: number
  /** Live edits before those, which are not counted. */
  warmUpEdits: number
  /** Milliseconds for a first sync, and for anything else that is awaited. */
  limitMs: number
  /** Milliseconds for all of it; what was found until then is kept. */
  stepMs: number
  /** Milliseconds without a byte after which an exchange is over. */
  quietMs: number
}

/** Milliseconds that a process has beyond the limit that it keeps itself. */
const SPARE_MS = 5_000
/** A first sync that took longer than this is not repeated. */
const LONG_MS = 10_000

/** Some peers set timers to moments that have passed, and Node says so each time. */
const FLAGS = ['--disable-warning=TimeoutNegativeWarning']

type Served = ServerCommands & PrintedCommand
type Connecting = DeviceCommands & PrintedCommand

/** A device with the line it comes through. */
interface Connected {
  process: Measured<Connecting>
  line: CountingLine
}

export class Measurement {
  readonly #contender: Contender
  readonly #place: Place
  readonly #effort: Effort
  readonly #outcome: Outcome
  readonly #ends: (() => Promise<void>)[] = []
  #server: Measured<Served> | undefined
  #url = ''
  #devices = 0
  /** Marks of edits only grow, so that no device takes an old one for a new one. */
  #mark = 0

  constructor(contender: Contender, place: Place, effort: Effort) {
    this.#contender = contender
    this.#place = place
    this.#effort = effort
    this.#outcome = { contender: contender.name, records: place.records, troubles: [] }
  }

  /** Never throws for what a contender does: that is a trouble in the outcome. */
  async run(): Promise<Outcome> {
    const { stepMs } = this.#effort
    try {
      await within(stepMs, `${this.#contender.name} with ${this.#place.records} records`, this.#parts())
    } catch (error) {
      this.#outcome.troubles.push(error instanceof Error ? error.message.split('\n')[0]! : String(error))
    } finally {
      for (const end of this.#ends.reverse()) await end().catch(() => undefined)
    }
    return this.#outcome
  }

  async #parts(): Promise<void> {
    // All at once, because most of it is loading.
    const [seeding, server, writing, reading] = await Promise.all([
      this.#startServer(),
      this.#startServer(),
      this.#startDevice(),
      this.#startDevice(),
    ])
    await this.#serve(seeding, server)
    // One device is there all the time, so that the server has everything loaded that it loads, for everybody.
    const writer = await this.#enrol(writing)
    await this.#ask(writer.process.call.firstSync({ limitMs: this.#effort.limitMs }))
    const reader = await this.#firstSyncs(reading)
    this.#outcome.serverBytes = (await this.#ask(server.call.memory())).residentBytes
    await this.#unchanged(reader)
    await this.#changed(reader, writer)
    if (this.#effort.liveEdits > 0) await this.#live(reader, writer)
    await this.#printed('the server', server)
    await this.#printed('the device that edits', writer.process)
    await this.#printed('the device that reconnects', reader.process)
  }

  /** Serves from a process that has not written what it serves: its memory is then that of serving. */
  async #serve(seeding: Measured<Served>, server: Measured<Served>): Promise<void> {
    const place = await this.#placeOf('server')
    await this.#ask(seeding.call.seed(place))
    await seeding.end()
    this.#url = await this.#ask(server.call.open(place))
    this.#server = server
  }

  /** One device after the other; the last one stays. */
  async #firstSyncs(first: Measured<Connecting>): Promise<Connected> {
    const exchanges: Exchange[] = []
    for (let process = first; ; process = await this.#startDevice()) {
      const device = await this.#enrol(process)
      device.line.reset()
      const { ms, missing, wrong } = await this.#ask(
        device.process.call.firstSync({ limitMs: this.#effort.limitMs }),
      )
      await this.#quiet(device, 'the first sync')
      exchanges.push({ ms, traffic: device.line.traffic })
      await this.#printed('a new device', process)
      const bad = missing > 0 || wrong > 0
      if (bad) this.#outcome.troubles.push(troubleOf('first sync', missing, wrong, this.#place.records))
      const last = exchanges.length >= this.#effort.runs || ms > LONG_MS || bad
      if (!last) {
        await process.end()
        continue
      }
      if (!bad) this.#outcome.firstSync = middleOf(exchanges)
      return device
    }
  }

  async #unchanged(reader: Connected): Promise<void> {
    const exchanges: Exchange[] = []
    for (let run = 0; run < this.#effort.runs; run++) {
      const { inStepMs, traffic } = await this.#comeBack(reader, [])
      exchanges.push({ ms: this.#contender.saysInStep ? inStepMs : traffic.ms, traffic })
    }
    this.#outcome.unchanged = middleOf(exchanges)
  }

  async #changed(reader: Connected, writer: Connected): Promise<void> {
    const exchanges: Exchange[] = []
    for (let run = 0; run < this.#effort.runs; run++) {
      const numbers = spread(this.#place.records, this.#effort.changed, run)
      const { toldMs, missing, traffic } = await this.#comeBack(reader, numbers, writer)
      if (missing > 0) {
        this.#outcome.troubles.push(troubleOf('reconnect', missing, 0, numbers.length))
        return
      }
      exchanges.push({ ms: toldMs, traffic })
    }
    this.#outcome.changed = middleOf(exchanges)
  }

  /** The reader goes; the writer, where there is one, changes these records until the server has them; the reader comes back. */
  async #comeBack(reader: Connected, numbers: number[], writer?: Connected) {
    const mark = ++this.#mark
    await this.#ask(reader.process.call.disconnect())
    if (writer) {
      await this.#ask(writer.process.call.edit({ numbers, mark }))
      await this.#quiet(writer, 'the edits')
    }
    await this.#quiet(reader, 'the disconnect')
    reader.line.reset()
    const { limitMs } = this.#effort
    const reconnected = await this.#ask(reader.process.call.reconnect({ limitMs, numbers, mark }))
    await this.#quiet(reader, 'the reconnect')
    return { ...reconnected, traffic: reader.line.traffic }
  }

  async #live(reader: Connected, writer: Connected): Promise<void> {
    const times: number[] = []
    const { warmUpEdits, liveEdits } = this.#effort
    for (let edit = 0; edit < warmUpEdits + liveEdits; edit++) {
      const one = { number: edit % this.#place.records, mark: ++this.#mark }
      const arrival = this.#ask(reader.process.call.arrival(one))
      const [began, arrived] = await Promise.all([this.#ask(writer.process.call.editOne(one)), arrival])
      if (edit >= warmUpEdits) times.push(Number(arrived - began) / 1e6)
    }
    this.#outcome.live = liveOf(times)
  }

  async #printed(who: string, { call }: Measured<PrintedCommand>): Promise<void> {
    const { times, first } = await this.#ask(call.printed())
    if (times > 0) this.#outcome.troubles.push(`${who} printed ${times} messages, the first: ${first}`)
  }

  async #startServer(): Promise<Measured<Served>> {
    const process = await startProcess<Served>(this.#contender.server, FLAGS)
    this.#ends.push(() => process.end())
    return process
  }

  async #startDevice(): Promise<Measured<Connecting>> {
    const process = await startProcess<Connecting>(this.#contender.device, FLAGS)
    this.#ends.push(() => process.end())
    return process
  }

  async #enrol(process: Measured<Connecting>): Promise<Connected> {
    const line = await CountingLine.start(this.#url)
    this.#ends.push(() => line.close())
    this.#devices += 1
    const place = await this.#placeOf(`device-${this.#devices}`)
    const introduction = await this.#ask(process.call.open({ ...place, url: line.urlOf(this.#url) }))
    const pass = await this.#ask(this.#server!.call.admit(introduction))
    await this.#ask(process.call.enter(pass))
    return { process, line }
  }

  async #placeOf(process: string): Promise<Place> {
    const folder = join(this.#place.folder, process)
    await mkdir(folder, { recursive: true })
    return { ...this.#place, folder }
  }

  async #quiet({ line }: Connected, after: string): Promise<void> {
    const { quietMs, limitMs } = this.#effort
    if (await line.quiet(quietMs, limitMs)) return
    this.#outcome.troubles.push(`after ${after} there was no silence of ${quietMs} ms in ${limitMs / 1e3} s`)
  }

  #ask<T>(answer: Promise<T>): Promise<T> {
    return within(this.#effort.limitMs + SPARE_MS, `a process of ${this.#contender.name}`, answer)
  }
}

/** The run whose time is the middle one, with its own traffic. */
function middleOf(exchanges: readonly Exchange[]): Exchange {
  const sorted = exchanges.toSorted((one, other) => one.ms - other.ms)
  const { traffic } = sorted[(sorted.length - 1) >> 1]!
  return { ms: median(exchanges.map(({ ms }) => ms)), traffic }
}

function liveOf(times: readonly number[]): Live {
  return { p50Ms: percentile(times, 0.5), p99Ms: percentile(times, 0.99), edits: times.length }
}

/** `count` numbers spread over all records, other ones for each run. */
function spread(records: number, count: number, run: number): number[] {
  const step = Math.max(1, Math.floor(records / count))
  return Array.from({ length: Math.min(count, records) }, (_, at) => (at * step + run) % records)
}

function troubleOf(what: string, missing: number, wrong: number, of: number): string {
  const parts = [
    missing > 0 && `${missing} of ${of} records missing`,
    wrong > 0 && `${wrong} with a wrong value`,
  ]
  return `${what}: ${parts.filter(Boolean).join(', ')}`
}
