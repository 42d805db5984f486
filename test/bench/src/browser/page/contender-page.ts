/** A page of a contender: what it takes to measure it, and no more. Each says here in its own way how its list is kept and when an edit is durable. */

import type { Admission } from '../admission.ts'
import type { FieldRecord } from '../record.ts'

export interface Opening<Item> {
  /** Whether this profile has nothing yet. */
  isNew: boolean
  /** To be called with all records of the device, in order of their titles, each time the list is another one. */
  told: (items: readonly Item[]) => void
}

export interface ContenderPage<Item> {
  /** Opens what the profile has, without a network, and lists it; a new one may begin its list only once `connect` has brought something. Gives the public key that the server admits, if it wants one. */
  open(opening: Opening<Item>): Promise<string | undefined>
  /** Goes on the network, and stays there. */
  connect(admission: Admission): Promise<void>
  /** Goes off the network, also at later starts; absent where a start is off the network anyway. */
  stayOffline?(): Promise<void>
  /** Resolves when everything that the server had when it was connected is here, durable and whole. */
  settled(): Promise<void>
  /** Makes edit `mark` (`editOf`) of a listed record; resolves when this device would not lose it. */
  edit(item: Item, mark: number): Promise<void>
  /** Bytes of each value that an edit puts into IndexedDB; absent: the browser's own part of an edit is not told. */
  valuesOfEdit?(): Promise<readonly number[]>
  numberOf(item: Item): number
  read(item: Item): FieldRecord
}
