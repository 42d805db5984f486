/** What a hub is told of telemetry: who gets a stream, and which readings open a record. */
import type { JsonObject } from '@skerry/core'
import type { Crossing, StreamChannels, ThresholdRule } from '@skerry/streams'

export interface StreamSettings {
  /** Channels of a stream's segments; the same on every replica of the space. Default: the channel `stream:<first part of the name>`. */
  channels?: StreamChannels
  thresholds?: readonly RecordThreshold[]
}

/** A threshold rule, and the record that stands for its being crossed: one for each opening, whatever crashes. */
export type RecordThreshold = ThresholdRule & {
  /** The record to be made; its id follows from the crossing. Pure. */
  opens(crossing: Crossing): { collection: string; value: JsonObject }
  /** What that record becomes when the readings are back at `clear`; without it, it stays as it is. Pure. */
  closes?(value: JsonObject, crossing: Crossing): JsonObject
}
