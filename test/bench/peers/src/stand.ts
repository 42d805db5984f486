/**
 * Where one contender is measured: its server, and the devices that come to it, each a process with a folder of its own, a device behind a counting line. Whatever is
 * awaited has an end, and `end` leaves nothing running.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Measured, startProcess } from '../../src/process.ts'
import type { Commands } from '../../src/serve.ts'
import { within } from '../../src/within.ts'
import type { Contender } from './contender.ts'
import { CountingLine } from './counting-line.ts'
import type { DeviceCommands } from './device-commands.ts'
import type { Effort } from './effort.ts'
import type { PrintedCommand } from './serve-contender.ts'
import type { Place, ServerCommands } from './server.ts'

/** Milliseconds that a process has beyond the limit that it keeps itself. */
const SPARE_MS = 5_000
/** Some peers set timers to moments that have passed, and Node says so each time. */
const FLAGS = ['--disable-warning=TimeoutNegativeWarning']

export type ServerProcess = Measured<ServerCommands & PrintedCommand>
export type DeviceProcess = Measured<DeviceCommands & PrintedCommand>

/** A device that is enrolled, with the line it comes through. */
export interface EnrolledDevice {
  process: DeviceProcess
  line: CountingLine
}

export class Stand {
  readonly #contender: Contender
  readonly #place: Place
  readonly #effort: Effort
  readonly #troubles: string[]
  readonly #ends: (() => Promise<void>)[] = []
  #server: ServerProcess | undefined
  #url = ''
  #devices = 0
  #isOver = false

  /** `troubles`: where it tells, in sentences, of what was not as it should be. */
  constructor(contender: Contender, place: Place, effort: Effort, troubles: string[]) {
    this.#contender = contender
    this.#place = place
    this.#effort = effort
    this.#troubles = troubles
  }

  startServer(): Promise<ServerProcess> {
    return this.#start<ServerCommands & PrintedCommand>(this.#contender.server)
  }

  startDevice(): Promise<DeviceProcess> {
    return this.#start<DeviceCommands & PrintedCommand>(this.#contender.device)
  }

  /** Serves from a process that has not written what it serves: its memory is then that of serving. */
  async serve(seeding: ServerProcess, server: ServerProcess): Promise<void> {
    const place = await this.#placeOf('server')
    await within(this.#effort.stepMs, 'the seeding', seeding.call.seed(place))
    await seeding.end()
    this.#url = await this.ask(server.call.open(place))
    this.#server = server
  }

  /** Makes a new device of a process, and lets the server admit it. */
  async enrol(process: DeviceProcess): Promise<EnrolledDevice> {
    const line = await CountingLine.start(this.#url)
    this.#ends.push(() => line.close())
    this.#devices += 1
    const place = await this.#placeOf(`device-${this.#devices}`)
    const introduction = await this.ask(process.call.open({ ...place, url: line.urlOf(this.#url) }))
    const pass = await this.ask(this.#server!.call.admit(introduction))
    await this.ask(process.call.enter(pass))
    return { process, line }
  }

  /** @throws Error when the answer does not come in time */
  ask<T>(answer: Promise<T>): Promise<T> {
    return within(this.#effort.limitMs + SPARE_MS, `a process of ${this.#contender.name}`, answer)
  }

  /** Waits until an exchange is over. */
  async quiet({ line }: EnrolledDevice, after: string): Promise<void> {
    const { quietMs, limitMs } = this.#effort
    if (await line.quiet(quietMs, limitMs)) return
    this.#troubles.push(`after ${after} there was no silence of ${quietMs} ms in ${limitMs / 1e3} s`)
  }

  /** What a process printed is a trouble. */
  async hearPrinted(who: string, { call }: Measured<PrintedCommand>): Promise<void> {
    const { times, first } = await this.ask(call.printed())
    if (times > 0) this.#troubles.push(`${who} printed ${times} messages, the first: ${first}`)
  }

  /** Some may have ended already, some in disorder, and some are still starting: all of them are gone afterwards. */
  async end(): Promise<void> {
    this.#isOver = true
    await Promise.allSettled(this.#ends.map((end) => end()))
  }

  async #start<Of extends Commands>(script: string): Promise<Measured<Of>> {
    if (this.#isOver) throw new Error(`${script} was to start after the end`)
    const starting = startProcess<Of>(script, FLAGS)
    this.#ends.push(async () => (await starting).end())
    return starting
  }

  async #placeOf(process: string): Promise<Place> {
    const folder = join(this.#place.folder, process)
    await mkdir(folder, { recursive: true })
    return { ...this.#place, folder }
  }
}
