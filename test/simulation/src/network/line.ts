/**
 * The way between two machines, whoever is connected over it at present: how long messages take, which direction is cut or clogged, how often a connection dies.
 */
import type { Random } from '../machine/random.ts'
import type { Scheduler } from '../machine/scheduler.ts'

export type Direction = 'out' | 'back'

/** What lasts for a whole run; drawn per seed. */
export interface Weather {
  delayMs: readonly [least: number, most: number]
  /** Share of messages with which the connection dies. */
  lossShare: number
  bytesPerMs: number
}

export const calm: Weather = { delayMs: [1, 1], lossShare: 0, bytesPerMs: Number.POSITIVE_INFINITY }

/** One direction: nothing arrives while it is blocked, nothing leaves the sender while it is clogged. */
export interface Flow {
  isBlocked: boolean
  isClogged: boolean
}

interface Carried {
  readonly isQuiet: boolean
  changed(): void
  cut(): void
}

export class Line {
  weather: Weather
  readonly flows: Record<Direction, Flow> = {
    out: { isBlocked: false, isClogged: false },
    back: { isBlocked: false, isClogged: false },
  }
  readonly connections = new Set<Carried>()
  readonly random: Random
  readonly #scheduler: Scheduler

  constructor(scheduler: Scheduler, random: Random, weather: Weather) {
    this.#scheduler = scheduler
    this.random = random
    this.weather = weather
  }

  get delayMs(): number {
    return this.random.between(...this.weather.delayMs)
  }

  get isBlocked(): boolean {
    return this.flows.out.isBlocked || this.flows.back.isBlocked
  }

  block(direction: Direction, forMs: number): void {
    this.#change(() => {
      this.flows[direction].isBlocked = true
    })
    this.#scheduler.after(forMs, () =>
      this.#change(() => {
        this.flows[direction].isBlocked = false
      }),
    )
  }

  clog(direction: Direction, forMs: number): void {
    this.#change(() => {
      this.flows[direction].isClogged = true
    })
    this.#scheduler.after(forMs, () =>
      this.#change(() => {
        this.flows[direction].isClogged = false
      }),
    )
  }

  /** Every connection dies, each at some byte of what is on its way. */
  cut(): void {
    for (const connection of [...this.connections]) connection.cut()
  }

  /** The faults are over. */
  heal(): void {
    this.weather = calm
    this.#change(() => {
      for (const flow of Object.values(this.flows))
        Object.assign(flow, { isBlocked: false, isClogged: false })
    })
  }

  #change(change: () => void): void {
    change()
    for (const connection of [...this.connections]) connection.changed()
  }
}
