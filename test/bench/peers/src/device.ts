/**
 * The device of a contender: what it takes to measure it, and no more. Each contender says here in its own way what "connected", "in step" and "changed" are. A device
 * ends with its process.
 */
import type { FieldRecord } from './field-record.ts'
import type { Introduction, Pass, Place } from './server.ts'

export interface Opening extends Place {
  /** Of the server, or of a line that leads to it. */
  url: string
}

/** Told of a record once its new value can be read on this device. */
export type Heard = (number: number, record: FieldRecord) => void

export interface Device {
  /** Makes a new device, which holds nothing and is not connected. `heard` is told of what comes from elsewhere; it may be told of own edits too. */
  open(opening: Opening, heard: Heard): Promise<Introduction>
  enter(pass: Pass): Promise<void>
  /**
   * Connects, and resolves when the contender says that it is in step with the server. One that never says so resolves when all of a first sync has come or is
   * refused, and later as soon as it is connected.
   */
  connect(): Promise<void>
  disconnect(): Promise<void>
  /** Every record that this device can read, with its value. */
  readAll(): Promise<Map<number, FieldRecord>>
  /** Makes edit `mark` of a record; resolves as soon as the app may go on. */
  edit(number: number, mark: number): Promise<void>
}
