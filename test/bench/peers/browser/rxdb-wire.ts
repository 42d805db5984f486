/** What page and server of RxDB say to each other: the routes of its manual's HTTP replication, with a checkpoint of time and id. */
import type { FieldRecord } from '../src/field-record.ts'

export interface Order extends FieldRecord {
  id: string
}

/** As the server has it: with the number of its newest change, which grows. */
export interface Kept extends Order {
  updatedAt: number
  _deleted: boolean
}

export interface Checkpoint {
  id: string
  updatedAt: number
}

export interface Pulled {
  documents: Kept[]
  checkpoint: Checkpoint | undefined
}

export interface Pushed {
  newDocumentState: Kept
  assumedMasterState?: Kept
}

/** Paths of the server. */
export const PULL = '/rxdb/pull'
export const PUSH = '/rxdb/push'
export const STREAM = '/rxdb/stream'
