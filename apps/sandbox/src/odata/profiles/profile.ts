/** In what the systems differ that speak OData, as data. */
import type { RefusalForm, RefusalName } from '../refusal.ts'
import type { EntityType } from '../types/entity-type.ts'

export type ProfileName = 'sap' | 'dataverse' | 'business-central' | 'plain'

export type Profile = {
  name: ProfileName
  /** Where the service stands below the origin. */
  root: string
  namespace: string
  /** User and password are let in beside bearer tokens. */
  basic: boolean
  /** Whatever changes something needs a session and its token. */
  csrf: boolean
  /** Whatever changes or deletes a row needs If-Match. */
  conditionRequired: boolean
  /** From the number of a row's last change. */
  etagOf: (version: number) => string
  /** PATCH makes a row that is not there. */
  upserts: boolean
  /** Rows have addresses by their external id. */
  alternateKeys: boolean
  /** Signs that an external id in an address must not have, encoded or not. */
  unaddressable?: RegExp
  /** Text is compared without regard to case, as the database does. */
  foldsCase: boolean
  /** What a write answers when the caller has no preference. */
  answersWith: { create: 'row' | 'nothing'; change: 'row' | 'nothing' }
  /** Digits behind the second of the times of changes. */
  timeDigits: number
  /** How deleted rows stand in a delta; null: there are no deltas. */
  delta: 'deletedEntity' | 'removed' | null
  /** Links that the service gives are relative to the address asked. */
  relativeLinks: boolean
  batch: readonly ('multipart' | 'json')[]
  batchMax: number
  /** `Isolation: snapshot` makes one transaction of a batch. */
  isolates: boolean
  pageRowsMax: number
  /** Refusals name the property that is meant. */
  tellsTarget: boolean
  refusals: Readonly<Partial<Record<RefusalName, RefusalForm>>>
  types: readonly EntityType[]
}
