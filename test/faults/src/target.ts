/** A target of the rounds: something that is killed, and what must hold afterwards. */
import type { Found } from './book.ts'

export interface Target {
  /** One life: works, is killed, has told what it acknowledged. @throws when something that was acknowledged is already seen to be missing */
  round(number: number): Promise<void>
  /** Heals everything and holds all of it against the book. @throws when sides differ that must be equal */
  check(): Promise<Found>
  /** Edits said to be durable where they were made. */
  readonly acknowledgedHere: number
  /** Edits said to have arrived: at the hub, in the CRM. */
  readonly acknowledgedThere: number
  close(): Promise<void>
}

export interface TargetOptions {
  /** Empty; everything is written in here. */
  folder: string
  seed: number
}
