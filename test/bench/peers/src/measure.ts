/** Measures one contender with so many records: first syncs, reconnects, live edits, memory. */
import { median, percentile } from '../../src/statistics.ts'
import { within } from '../../src/within.ts'
import type { Contender } from './contender.ts'
import type { Effort } from './effort.ts'
import type { Exchange, Outcome } from './outcome.ts'
import type { Place } from './server.ts'
import { type DeviceProcess, type EnrolledDevice, Stand } from './stand.ts'

/** A first sync that took longer than this is not repeated. */
const LONG_MS = 10_000

/** Never throws for what a contender does: that is a trouble in the outcome, beside the figures that were reached. */
export async function measure(contender: Contender, place: Place, effort: Effort): Promise<Outcome> {
  const outcome: Outcome = { contender: contender.name, records: place.records, troubles: [] }
  const stand = new Stand(contender, place, effort, outcome.troubles)
  const measurement = new Measurement(stand, contender, effort, outcome)
  try {
    await within(effort.stepMs, `${contender.name} with ${place.records} records`, measurement.run())
  } catch (error) {
    outcome.troubles.push(error instanceof Error ? error.message.split('\n')[0]! : String(error))
  } finally {
    await stand.end()
  }
  return outcome
}

class Measurement {
  readonly #stand: Stand
  readonly #contender: Contender
  readonly #effort: Effort
  readonly #outcome: Outcome
  /** Marks of edits only grow, so that no device takes an old one for a new one. */
  #mark = 0

  constructor(stand: Stand, contender: Contender, effort: Effort, outcome: Outcome) {
    this.#stand = stand
    this.#contender = contender
    this.#effort = effort
    this.#outcome = outcome
  }

  async run(): Promise<void> {
    const stand = this.#stand
    // All at once, because most of it is loading.
    const [seeding, server, writing, reading] = await Promise.all([
      stand.startServer(),
      stand.startServer(),
      stand.startDevice(),
      stand.startDevice(),
    ])
    await stand.serve(seeding, server)
    // One device is there all the time, so that the server has everything loaded that it loads, for everybody.
    const writer = await stand.enrol(writing)
    await this.#firstSync(writer)
    const reader = await this.#firstSyncs(reading)
    this.#outcome.serverBytes = (await stand.ask(server.call.memory())).residentBytes
    await this.#unchanged(reader)
    await this.#changed(reader, writer)
    if (this.#effort.liveEdits > 0) await this.#live(reader, writer)
    await stand.hearPrinted('the server', server)
    await stand.hearPrinted('the device that edits', writer.process)
    await stand.hearPrinted('the device that reconnects', reader.process)
  }

  /** One device after the other; the last one stays. */
  async #firstSyncs(first: DeviceProcess): Promise<EnrolledDevice> {
    const exchanges: Exchange[] = []
    for (let process = first; ; process = await this.#stand.startDevice()) {
      const device = await this.#stand.enrol(process)
      const { ms, isWhole } = await this.#firstSync(device)
      await this.#stand.quiet(device, 'the first sync')
      exchanges.push({ ms, traffic: device.line.traffic })
      const isLast = exchanges.length >= this.#effort.runs || ms > LONG_MS || !isWhole
      if (isLast) {
        if (isWhole) this.#outcome.firstSync = middleOf(exchanges)
        return device
      }
      await process.end()
    }
  }

  async #firstSync({ process }: EnrolledDevice): Promise<{ ms: number; isWhole: boolean }> {
    const { limitMs } = this.#effort
    const synced = this.#stand.ask(process.call.firstSync({ limitMs }))
    const { ms, missing, wrong } = await synced.catch((error: unknown) => {
      // Too busy even to count: then nothing can be read from it either.
      this.#trouble(`first sync: ${this.#outcome.records} of ${this.#outcome.records} missing, no answer`)
      throw error
    })
    const isWhole = missing === 0 && wrong === 0
    if (!isWhole) this.#trouble(`first sync: ${missing} of ${this.#outcome.records} missing, ${wrong} wrong`)
    await this.#stand.hearPrinted('a new device', process)
    return { ms, isWhole }
  }

  async #unchanged(reader: EnrolledDevice): Promise<void> {
    const exchanges: Exchange[] = []
    for (let run = 0; run < this.#effort.runs; run++) {
      const { inStepMs, traffic } = await this.#comeBack(reader, [])
      if (Number.isNaN(inStepMs))
        return this.#trouble(`reconnect: not in step after ${this.#effort.limitMs / 1e3} s`)
      exchanges.push({ ms: this.#contender.saysInStep ? inStepMs : traffic.ms, traffic })
    }
    this.#outcome.unchanged = middleOf(exchanges)
  }

  async #changed(reader: EnrolledDevice, writer: EnrolledDevice): Promise<void> {
    const exchanges: Exchange[] = []
    for (let run = 0; run < this.#effort.runs; run++) {
      const numbers = spread(this.#outcome.records, this.#effort.changed, run)
      const { toldMs, missing, traffic } = await this.#comeBack(reader, numbers, writer)
      if (missing > 0) return this.#trouble(`reconnect: ${missing} of ${numbers.length} changes missing`)
      exchanges.push({ ms: toldMs, traffic })
    }
    this.#outcome.changed = middleOf(exchanges)
  }

  /** The reader goes; the writer, where there is one, changes these records until the server has them; the reader comes back. */
  async #comeBack(reader: EnrolledDevice, numbers: number[], writer?: EnrolledDevice) {
    const stand = this.#stand
    const mark = ++this.#mark
    await stand.ask(reader.process.call.disconnect())
    if (writer) {
      await stand.ask(writer.process.call.edit({ numbers, mark }))
      await stand.quiet(writer, 'the edits')
    }
    await stand.quiet(reader, 'the disconnect')
    reader.line.reset()
    const { limitMs } = this.#effort
    const reconnected = await stand.ask(reader.process.call.reconnect({ limitMs, numbers, mark }))
    await stand.quiet(reader, 'the reconnect')
    return { ...reconnected, traffic: reader.line.traffic }
  }

  async #live(reader: EnrolledDevice, writer: EnrolledDevice): Promise<void> {
    const times: number[] = []
    const { warmUpEdits, liveEdits } = this.#effort
    for (let edit = 0; edit < warmUpEdits + liveEdits; edit++) {
      const one = { number: edit % this.#outcome.records, mark: ++this.#mark }
      const [arrived, began] = await this.#stand.ask(
        Promise.all([reader.process.call.arrival(one), writer.process.call.editOne(one)]),
      )
      if (edit >= warmUpEdits) times.push(Number(arrived - began) / 1e6)
    }
    this.#outcome.live = {
      p50Ms: percentile(times, 0.5),
      p99Ms: percentile(times, 0.99),
      edits: times.length,
    }
  }

  #trouble(sentence: string): void {
    this.#outcome.troubles.push(sentence)
  }
}

/** The median time, with the traffic of the run in the middle. */
function middleOf(exchanges: readonly Exchange[]): Exchange {
  const sorted = exchanges.toSorted((one, other) => one.ms - other.ms)
  const { traffic } = sorted[(sorted.length - 1) >> 1]!
  return { ms: median(exchanges.map(({ ms }) => ms)), traffic }
}

/** `count` numbers spread over all records, other ones for each run. */
function spread(records: number, count: number, run: number): number[] {
  const step = Math.max(1, Math.floor(records / count))
  return Array.from({ length: Math.min(count, records) }, (_, at) => (at * step + run) % records)
}
