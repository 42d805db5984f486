/**
 * The inspection port: what tools for developers ask of a replica beyond the live port, wherever it runs. Beside that one, not in it, since an app that does not want it should not carry it.
 *
 *   panel ── Inspect ──┬── in this thread     (`inspection(replica, …)` of @skerry/devtools/worker)
 *                      └── over a MessagePort (@skerry/tabs/inspect), where the app's worker serves it
 *
 * Only plain data crosses it, and nothing here changes a record. What it tells is as it is now: a burst of changes may be told as one.
 */
import type { EntryKind } from '@skerry/core'
import type { LinePhase, LiveError, Stop } from './port.ts'

export interface Inspect {
  about(): Promise<InspectedReplica>

  /** Tells the newest entries of the log, newest first, now and after every change. */
  watchLog(limit: number, told: (page: LogPage) => void, failed: (error: LiveError) => void): Stop
  /** Older ones: those below this sequence (`older` of the page before), newest first. */
  log(below: number, limit: number): Promise<LogPage>
  /** One entry with what is in it; undefined when it stands in the log no more. */
  entry(seq: number): Promise<InspectedEntry | undefined>
  /** What identifies a record's state here; undefined when nothing is known of it. */
  record(collection: string, id: string): Promise<InspectedRecord | undefined>

  watchLines(told: (lines: readonly InspectedLine[]) => void, failed: (error: LiveError) => void): Stop
  watchNetwork(told: (state: NetworkState) => void, failed: (error: LiveError) => void): Stop
  /** Resolves when the network is as it is asked. @throws LiveError `invalid` for numbers out of their bounds */
  setNetwork(network: SimulatedNetwork): Promise<void>
}

export interface InspectedReplica {
  node: string
  space: string
  head: number
  /** Entries and records that it holds, and bytes as far as its store can tell. */
  entries: number
  records: number
  bytes: number
  /** Entries of peers that wait for what they build on. */
  parked: number
  /** Names, in the order in which the app declares them. */
  collections: readonly string[]
}

export interface LogPage {
  /** The log's newest sequence when this was read. */
  head: number
  /** Newest first. */
  entries: readonly LoggedItem[]
  /** Where older ones begin, for `log`; undefined: there are none. */
  older: number | undefined
}

export interface LoggedItem {
  seq: number
  kind: EntryKind
  /** Key, `collection/id`. */
  record: string
  bytes: number
  /** Of changes: so many are in it. */
  changes: number
  /** Who wrote it: subject of the credential that its newest signature cites; undefined while unknown. */
  author: string | undefined
  /** Id of the run that wrote it, hex; undefined where the entry has none. */
  actor: string | undefined
  /** Milliseconds since 1970, as the author's clock said. */
  at: number | undefined
  /** Where it was heard; undefined: it was written here. */
  heardFrom: { run: string; seq: number; node: string | undefined; subject: string | undefined } | undefined
}

export interface InspectedEntry extends LoggedItem {
  incarnation: number
  parts: readonly InspectedChange[]
}

export interface InspectedChange {
  /** Hex. */
  hash: string
  actor: string
  seq: number
  operations: number
  bytes: number
  at: number | undefined
  /** Changes that it was made on, hex. */
  deps: readonly string[]
}

export interface InspectedRecord {
  /** Hashes of the newest changes, hex: two replicas with the same heads have the same record. */
  heads: readonly string[]
  channels: readonly string[]
  incarnation: number
  /** Edited by so many actors, of which every run of a replica is one. */
  actors: number
  operations: number
  isDeleted: boolean
  entries: number
  bytes: number
}

/** A line to another replica, with its session of now and how the ones before ended. */
export interface InspectedLine {
  id: number
  phase: LinePhase
  retryAt: number | undefined
  lastContactAt: number | undefined
  /** Why it is not open. */
  reason: { code: string; words: string } | undefined
  session: InspectedSession | undefined
  /** Newest first. */
  endings: readonly InspectedEnding[]
}

export interface InspectedSession {
  phase: 'handshake' | 'open' | 'closed'
  since: number
  /** The other side, once it has proven itself. */
  peer: { node: string; subject: string; role: 'authority' | 'device' } | undefined
  granted: { read: readonly string[]; write: readonly string[] }
  /** In step: nothing is under way in either direction. */
  current: boolean
  bytesIn: number
  bytesOut: number
  messagesIn: number
  messagesOut: number
  entriesIn: number
  entriesOut: number
  creditBytes: number
  unacknowledged: number
  bufferedBytes: number
}

export interface InspectedEnding {
  at: number
  lastedMs: number
  /** Close code. */
  code: number
  reason: string
  words: string | undefined
  /** Trying again may help. */
  retry: boolean
}

/** What the network is made to be. */
export type SimulatedNetwork =
  | { kind: 'off' }
  /** No line, and none to be had. */
  | { kind: 'cut' }
  /** Every message takes its bytes' time and the delay, in each direction; a line takes the delay to open. */
  | { kind: 'slow'; bytesPerSecond: number; delayMs: number }
  /** Up for so long, then cut for so long, and so on. */
  | { kind: 'flap'; upMs: number; downMs: number }
  /** A line breaks as the answer that an edit has arrived comes back on it. */
  | { kind: 'lose-acks' }

export interface NetworkState {
  network: SimulatedNetwork
  /** A line can be had now. */
  isUp: boolean
  /** Lines that were broken, attempts that were refused, messages that were held back, answers that were lost. */
  broken: number
  refused: number
  delayed: number
  lostAcks: number
}
