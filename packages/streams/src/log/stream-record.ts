/** A stream's name in the log: the record key that its segments stand under, and the channel that they go to. */

const COLLECTION = '@streams/'

/** Names the channels of a stream's segments: who may write them, and who is sent them. */
export type StreamChannels = (stream: string) => readonly string[]

/** The record key of a stream's segments. No collection of records can have this name. */
export function recordOfStream(stream: string): string {
  return COLLECTION + stream
}

/** `gw-1/roof/pressure` goes to the channel `stream:gw-1`, so that one grant covers a gateway. */
export const channelsOfGateway: StreamChannels = (stream) => [`stream:${stream.split('/', 1)[0]}`]
