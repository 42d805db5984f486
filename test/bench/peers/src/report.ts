/** PEERS.md: the tables of a run with everything that a reader needs to judge them. */
import type { Contender } from './contender.ts'
import type { Outcome } from './outcome.ts'
import { tablesOf, troublesOf } from './tables.ts'

export interface Report {
  contenders: readonly Contender[]
  outcomes: readonly Outcome[]
  /** By package. */
  versions: ReadonlyMap<string, string>
  machine: string
  /** Processes that wanted a core in the minute before the run. */
  busyBefore: number
  day: string
}

const figures = `## What each figure means

Every contender has a server and two devices, each a process of its own, on the loopback interface. All traffic of a device goes through the same counting line, one
TCP connection to another, which adds the same small delay for everybody. The records are the same for all, by seed: title, status, site, 40 characters of notes, a
number.

- **First sync**: a device that has nothing connects; the time ends when it has read every record with its value. The server was started anew and has served one other
  device before, which stays connected, so that it has loaded whatever it loads. Median of three new devices.
- **Reconnect, nothing changed**: the device stays running, is disconnected, and connects again; until it says that it is in step. automerge-repo never says so: its
  time is that until the last byte. Median of three.
- **Reconnect, 50 changed**: meanwhile the other device edited 50 records and the server has them; until the last of the 50 can be read. Median of three.
- **Messages** are whole WebSocket messages, or requests and answers of HTTP, both ways. **Bytes** are those on the socket with everything that HTTP, WebSocket and the
  handshake add, until nothing was sent for half a second.
- **Live edit**: one device edits a record, the other waits until it can read the new value; one edit at a time, each of another record than the last.
- **Server's memory**: resident memory of the server's process, Node included, after garbage collection, with two devices connected that have everything.

A dash is a figure that was not reached or not measured; the list below the tables says why.`

const words = `## To be read with care

- The contenders do not do the same. TinyBase and one Yjs document are fast because everything lives in memory and everyone gets everything: there is no way to give a
  device a part, and both sides grow with all the data. Ours, automerge-repo and one Yjs document for each record can give each device its own choice.
- They do not promise the same either: see the durability of each. Ours pays for an fsync on every machine before an edit is passed on; nobody else here does, except
  the bare limit. What a power cut leaves of an edit that another device has already seen differs accordingly.
- Ours checks a signature and rights, and keeps the history of each record; so does automerge-repo with the history. Yjs keeps what merging needs; PouchDB a tree of
  revisions; TinyBase a time stamp for each cell. The bare limit keeps the last value.
- A device of automerge-repo is told the ids of its documents for nothing. PouchDB speaks HTTP, and its live replication makes a request for each batch; it was
  made for documents of kilobytes. Yjs was made for large texts that people write together, which nothing here measures.
- Small records only, one server, two devices, no loss and no delay on the line: a slow line would favour few messages and few bytes far more than these times show.`

export function reportOf(report: Report): string {
  const { contenders, outcomes, versions, machine, busyBefore, day } = report
  const troubles = troublesOf(contenders, outcomes)
  return `${[
    '# Ours beside its peers',
    'The same work, on one machine, in one run, as ratios: **1** is ours, 2 is twice as much. Written by `npm run bench:peers`, which installs the packages it compares with and takes about ten minutes.',
    `- Machine: ${machine}. Processes wanting a core in the minute before: ${busyBefore.toFixed(1)}.\n- Day: ${day}.\n- Versions: ${[...versions].map(([name, version]) => `${name} ${version}`).join(', ')}.`,
    ...tablesOf(contenders, outcomes),
    '### What was missing, late or broken',
    troubles.length === 0 ? 'Nothing.' : troubles.map((trouble) => `- ${trouble}`).join('\n'),
    figures,
    '## How each is set up, and what it has promised when it answers',
    ...contenders.map(({ title, setUp, durability }) => `**${title}**: ${setUp}. Durability: ${durability}.`),
    words,
  ].join('\n\n')}\n`
}
