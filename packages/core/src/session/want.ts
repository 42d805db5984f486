/**
 * What may be told of what was asked. The side that tells narrows a want by the asker's grant (H8) and by its own runs (H7), and says how;
 * the side that asked narrows its copy by that answer, so that both mean the same want. A position never moves the cursor of a channel
 * that was left out.
 */
import { type Credential, grants } from '../identity/credential.ts'
import type { RunRow, Seq } from '../store/port.ts'
import { cursorsOf, isFromBeginning, isToReconcile, isValid, toReconcile } from './cursor.ts'
import type { Cursor, Want } from './port.ts'

/** The answer to a want. */
export interface Grant {
  /** What will be told. */
  want: Want
  /** Channels that will be told, `*` for the log. */
  read: readonly string[]
  /** Channels whose cursor was not valid: they start at the beginning; `*` for the log. */
  refused: readonly string[]
  /** Nothing was left out and no cursor refused. */
  whole: boolean
}

/** Only the space's authority, or who may read every channel, may read a log whole. */
function mayReadLog(credential: Credential): boolean {
  return credential.role === 'authority' || credential.read.includes('*')
}

/** Whose log is asked: its credential (undefined before enrolment), all its runs, its head. */
export interface Teller {
  readonly credential: Credential | undefined
  readonly runs: readonly RunRow[]
  readonly head: Seq
}

/** H7, H8: narrows what the holder of `credential` asked. */
export function grantWant(asked: Want, credential: Credential, teller: Teller): Grant {
  const { runs, head } = teller
  const may = (reader: Credential, channel: string) => mayReadLog(reader) || grants(reader.read, channel)
  // A device that may not read a channel has no whole picture of it: what it holds of it is not for it to tell.
  const tells = (channel: string) => teller.credential !== undefined && may(teller.credential, channel)
  const allowed = (channel: string) =>
    asked.kind === 'log' ? mayReadLog(credential) : may(credential, channel) && tells(channel)
  const read: string[] = []
  const refused: string[] = []
  const cursors = cursorsOf(asked)
  for (const [channel, cursor] of cursors) {
    if (!allowed(channel)) continue
    read.push(channel)
    if (cursor !== undefined && !isValid(cursor, runs, head)) refused.push(channel)
  }
  return {
    want: narrow(asked, read, refused),
    read,
    refused,
    whole: read.length === cursors.size && refused.length === 0,
  }
}

/** The want as the other side answered it: channels not in `read` are left out, the cursors of `refused` forgotten. */
export function narrow(asked: Want, read: readonly string[], refused: readonly string[]): Want {
  if (asked.kind === 'nothing') return asked
  const forgotten = new Set(refused)
  if (asked.kind === 'log') {
    if (!read.includes('*')) return { kind: 'nothing' }
    return { kind: 'log', cursor: forgotten.has('*') ? undefined : asked.cursor }
  }
  const told = new Set(read)
  const cursors = new Map<string, Cursor | undefined>()
  for (const [channel, cursor] of asked.cursors) {
    if (told.has(channel))
      cursors.set(channel, cursor && forgotten.has(channel) ? toReconcile(cursor.log) : cursor)
  }
  return { ...asked, cursors }
}

/** Channels that are to be reconciled first, and are told nothing before. */
export function waitingOf(want: Want): string[] {
  return [...cursorsOf(want)].flatMap(([channel, cursor]) => (isToReconcile(cursor) ? [channel] : []))
}

/** The want without them: what is told meanwhile. */
export function withoutWaiting(want: Want): Want {
  if (want.kind !== 'channels' || waitingOf(want).length === 0) return want
  return { ...want, cursors: new Map([...want.cursors].filter(([, cursor]) => !isToReconcile(cursor))) }
}

/** The want once they were reconciled: each goes on from where `settled` says. */
export function settledWant(want: Want, settled: (channel: string) => Cursor | 'leave-out'): Want {
  if (want.kind !== 'channels') return want
  const cursors = new Map<string, Cursor | undefined>()
  for (const [channel, cursor] of want.cursors) {
    const from = isToReconcile(cursor) ? settled(channel) : cursor
    if (from !== 'leave-out') cursors.set(channel, from)
  }
  return { ...want, cursors }
}

/** Channels of which views may be told first (U1). */
export function viewsWelcome(want: Want): string[] {
  if (want.kind !== 'channels' || !want.views) return []
  return [...want.cursors].flatMap(([channel, cursor]) => (isFromBeginning(cursor) ? [channel] : []))
}

/** The channels of a want, `*` for the log. */
export function channelsOf(want: Want): readonly string[] {
  return [...cursorsOf(want).keys()]
}

/** Everything asked was told up to here before the first frame: the lowest of the cursors. */
export function startOf(want: Want): Seq {
  let lowest = Number.MAX_SAFE_INTEGER
  for (const cursor of cursorsOf(want).values()) lowest = Math.min(lowest, cursor?.seq ?? 0)
  return lowest === Number.MAX_SAFE_INTEGER ? 0 : lowest
}
