/** The commands of a device's process: they time what a device does, the same way for every contender. */
import { performance } from 'node:perf_hooks'
import { within } from '../../src/within.ts'
import { Arrivals } from './arrivals.ts'
import type { Device, Opening } from './device.ts'
import { fieldRecord, isSame } from './field-record.ts'
import type { Pass } from './server.ts'

/** Milliseconds in which something must still come, once a contender believes itself in step and records are missing. */
const STILL_COMING_MS = 3_000

export interface FirstSynced {
  /** Until every record was read, or until nothing came any more. */
  ms: number
  missing: number
  /** Records that were read with a value that is not the right one. */
  wrong: number
}

export interface Reconnected {
  /** Until it was in step, as the contender itself says. */
  inStepMs: number
  /** Until the last of the changed records could be read. */
  toldMs: number
  missing: number
}

export interface Change {
  numbers: number[]
  mark: number
}

export function deviceCommands(device: Device) {
  const arrivals = new Arrivals()
  let records = 0

  return {
    open(opening: Opening) {
      records = opening.records
      return device.open(opening, (number, { count }) => arrivals.heard(number, count))
    },

    enter: (pass: Pass) => device.enter(pass),

    async firstSync({ limitMs }: { limitMs: number }): Promise<FirstSynced> {
      const startedMs = performance.now()
      const passedMs = () => performance.now() - startedMs
      // Whichever is first: a contender may believe itself in step long after everything has come.
      const connected = device.connect()
      await within(limitMs, 'the first sync', Promise.race([connected, arrivals.all(records)])).catch(
        reportLate,
      )
      let found = await device.readAll()
      let ms = passedMs()
      while (found.size < records && ms < limitMs && (await arrivals.more(STILL_COMING_MS))) {
        found = await device.readAll()
        ms = passedMs()
      }
      let wrong = 0
      for (const [number, record] of found) if (!isSame(record, fieldRecord(number))) wrong += 1
      await within(limitMs, 'being in step', connected).catch(reportLate)
      return { ms, missing: records - found.size, wrong }
    },

    disconnect: () => device.disconnect(),

    async reconnect({ limitMs, numbers, mark }: Change & { limitMs: number }): Promise<Reconnected> {
      const startedMs = performance.now()
      let [inStepMs, toldMs] = [Number.NaN, 0]
      const told = arrivals.of(numbers, mark)
      const both = Promise.all([
        device.connect().then(() => {
          inStepMs = performance.now() - startedMs
        }),
        told.all.then(() => {
          toldMs = performance.now() - startedMs
        }),
      ])
      await within(limitMs, 'the reconnect', both).catch(reportLate)
      return { inStepMs, toldMs, missing: told.missing }
    },

    async edit({ numbers, mark }: Change) {
      await Promise.all(numbers.map((number) => device.edit(number, mark)))
    },

    /** One edit; gives the moment it began, in nanoseconds of the clock that all processes of a machine share. */
    async editOne({ number, mark }: { number: number; mark: number }) {
      const began = process.hrtime.bigint()
      await device.edit(number, mark)
      return began
    },

    /** Resolves when that edit can be read here, with the moment. */
    async arrival({ number, mark }: { number: number; mark: number }) {
      await arrivals.of([number], mark).all
      return process.hrtime.bigint()
    },
  }
}

export type DeviceCommands = ReturnType<typeof deviceCommands>

/** The figures tell what is missing; why goes to the log. */
function reportLate(error: unknown): void {
  console.error(error instanceof Error ? error.message : error)
}
