/** A device that gets half of the records and never says that it is in step: what a peer in trouble is like, so that a test can see what is told of it. */
import type { Device } from './device.ts'
import { deviceCommands } from './device-commands.ts'
import { fieldRecord } from './field-record.ts'
import { serveContender } from './serve-contender.ts'

let half: number

const device: Device = {
  async open({ records }) {
    half = records / 2
    return undefined
  },

  enter: async () => undefined,
  connect: () => new Promise<never>(() => console.log('connecting,\n again')),
  disconnect: async () => undefined,
  readAll: async () => new Map(Array.from({ length: half }, (_, number) => [number, fieldRecord(number)])),
  edit: async () => undefined,
}

serveContender(deviceCommands(device))
