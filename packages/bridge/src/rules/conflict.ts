/** A field that both sides changed to different values, as every rule sees it: nothing else may decide, or two nodes would decide differently (SPEC B-90). */
import type { Json, JsonObject } from '@skerry/core'

/** Values are the record's, as the mapping reads the row. Undefined: the field is absent. Times are milliseconds since 1970; undefined where nobody says. */
export interface FieldConflict {
  /** Key of the record. */
  record: string
  field: string
  /** What both sides had before. */
  agreed: Json | undefined
  ours: Json | undefined
  theirs: Json | undefined
  oursAt?: number | undefined
  /** Subject of who changed it here. */
  oursBy?: string | undefined
  theirsAt?: number | undefined
  /** In the system's words. */
  theirsBy?: string | undefined
  /** The whole record as it is here, less what is never bridged, or bridged as a hash. */
  here: JsonObject
}

export type Resolution =
  | { winner: 'ours' | 'theirs' | 'both' }
  /** A value of its own. `keeps`: it holds what both sides did, so that nobody lost. */
  | { winner: 'made'; value: Json | undefined; keeps: boolean }
  /** A person decides; the reason says why the rule did not. */
  | { winner: 'review'; reason: string }
