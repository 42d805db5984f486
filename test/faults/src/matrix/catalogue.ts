/**
 * What can go wrong with machines, stores, networks, clocks, data and callers, and what Skerry does then. The ids are those of the titles `fault <ID>: …`; the page MATRIX.md
 * holds this table against the tests. It is data, and as long as the catalogue is: a case is added here and by a test, or here with the reason why there is none.
 */
export interface Case {
  id: string
  fault: string
  expected: string
  /** Why no test brings the fault about on an ordinary machine. */
  notInjected?: string
  /** What of `expected` does not hold, though the tests pass: they show the rest. */
  missing?: string
  /** Why no test shows it yet. Without meaning once one does. */
  untested?: string
}

export const groups: Readonly<Record<string, string>> = {
  P: 'Processes and machines',
  S: 'Stores',
  N: 'Networks',
  T: 'Time',
  C: 'Hostile or damaged data',
  A: 'Who may do what',
  I: 'Adapters and other systems',
}

export const catalogue: readonly Case[] = [
  {
    id: 'P1',
    fault: 'an edge is killed while it writes',
    expected: 'the last acknowledged edit is there; one that was not is there whole or not at all',
  },
  {
    id: 'P2',
    fault: 'the hub is killed while it takes a batch in',
    expected: 'its peers tell the batch again, nothing is applied twice, both sides end equal',
  },
  {
    id: 'P3',
    fault: 'a process dies after the commit and before the acknowledgement',
    expected: 'what is told again is recognised and acknowledged again',
  },
  {
    id: 'P4',
    fault: 'a process dies while it compacts',
    expected: 'the old entries or the snapshot, each whole; the next step makes it good',
  },
  {
    id: 'P5',
    fault: 'a process dies while it migrates',
    expected: 'the old format or the new one, whole; the next open goes on',
  },
  {
    id: 'P6',
    fault: 'a process is stopped for a while and goes on: a laptop sleeps',
    expected: 'a session is made anew, missed timers do not fire in a storm',
  },
  {
    id: 'P7',
    fault: 'a document that takes its process down whenever it is loaded',
    expected: 'it is put in quarantine, everything else is served',
  },
  {
    id: 'P8',
    fault: 'the engine runs out of memory',
    expected: 'its worker is replaced, the peer is told, nobody else notices',
  },
  {
    id: 'P9',
    fault: 'an adapter throws',
    expected: 'the bridge reports it, waits longer each time, and goes on; so does its node',
  },
  {
    id: 'P10',
    fault: 'the power goes, and with it what was not synced',
    expected:
      'what was acknowledged is there: the simulated disk loses what was not synced, of real ones it is asserted that every commit is synced',
  },
  {
    id: 'P11',
    fault: 'a device is copied, and both go on',
    expected: 'the copy is noticed and writes under a name of its own; both end equal',
  },
  {
    id: 'P12',
    fault: 'a device comes back after 90 days',
    expected: 'a new credential, and then what it missed: with progress, resumable, without what it has',
  },
  {
    id: 'S1',
    fault: 'the disk of a device is full',
    expected: 'edits are refused in clear words, reads work, edits go on once there is room',
  },
  {
    id: 'S2',
    fault: 'the disk of the hub is full',
    expected:
      'nothing is acknowledged, sessions end with `storage-full`, devices keep their edits until there is room',
  },
  {
    id: 'S3',
    fault: 'a bit of a stored entry flips',
    expected: 'it is found when read; the entry is fetched from a peer or reported, and never applied',
  },
  {
    id: 'S4',
    fault: 'the database or its write-ahead log is cut off',
    expected: 'it opens as of its last whole commit, or is refused with what to do',
  },
  {
    id: 'S5',
    fault: 'a write-ahead log is missing, or is that of another state of the file',
    expected: 'it is noticed by run and head, and a restore by command leads out of it',
  },
  {
    id: 'S6',
    fault: 'two processes open one store',
    expected: 'the second is refused, with process and host of the first',
  },
  {
    id: 'S7',
    fault: 'every sync of the disk takes half a second',
    expected: 'peers are held back, queues stay within their ceilings, and the hub is not ready',
  },
  {
    id: 'S8',
    fault: 'a write or a sync of the disk fails',
    expected: 'the store takes no more and can be read; nothing more is acknowledged',
  },
  {
    id: 'S9',
    fault: 'the file system is read-only',
    expected: 'the store is not opened, with an exit code and what to do',
  },
  {
    id: 'S10',
    fault: 'a store is set back to an old backup',
    expected: 'what peers have comes back; no sequence of what was lost is used again',
  },
  {
    id: 'S11',
    fault: 'the write-ahead log grows under a long reader',
    expected: 'its size is told, writers go on, the reader has an end, and the log shrinks then',
    missing: 'a reader of another program is not ended: SQLite has no way to',
  },
  {
    id: 'S12',
    fault: 'a photo is half uploaded when the process dies',
    expected:
      'it goes on from where it stood, its hash is checked, no record points at a photo that is not there',
  },
  {
    id: 'N1',
    fault: 'a line with seconds of delay',
    expected: 'sync takes longer, and no timer ends it',
  },
  {
    id: 'N2',
    fault: 'a line of 8 kB/s',
    expected:
      'it is not taken for dead; a small edit waits for no more of its own direction than credit allows, and for no other session',
  },
  {
    id: 'N3',
    fault: 'a connection is reset at some byte',
    expected: 'it goes on where it stood; little is sent again',
  },
  {
    id: 'N4',
    fault: 'a peer vanishes without a word',
    expected: 'it is noticed within a few heartbeats',
  },
  {
    id: 'N5',
    fault: 'one direction of a line is dead',
    expected: 'it is noticed within a few heartbeats',
  },
  {
    id: 'N6',
    fault: 'a line comes and goes for long',
    expected: 'nothing is left behind, nothing gets stuck',
  },
  {
    id: 'N7',
    fault: 'a peer that does not read',
    expected: 'it is held back, then cut off with the reason; memory stays bounded',
  },
  {
    id: 'N8',
    fault: 'messages that come twice, in another order, or from an old session',
    expected: 'nothing is applied twice; what another session signed is refused',
  },
  {
    id: 'N9',
    fault: 'a captive portal answers',
    expected: 'it is recognised, told as such, and asked again later',
  },
  {
    id: 'N10',
    fault: 'no name, no host, a certificate that does not hold',
    expected: 'each has a code of its own, and is tried again with patience',
  },
  {
    id: 'N11',
    fault: 'thousands of devices come back at once',
    expected: 'they are spread and admitted at a bounded rate; the hub stays ready',
  },
  {
    id: 'N12',
    fault: 'two hubs that share their devices lose each other',
    expected: 'they agree again when they meet, and nothing goes round afterwards',
  },
  {
    id: 'N13',
    fault: 'a message above the limit',
    expected: 'it is cut up, or refused with a code, and not tried for ever',
  },
  {
    id: 'T1',
    fault: 'a clock that starts at 1970',
    expected:
      'records and readings are taken; which readings came under such a clock can be told, and is mended',
    missing: 'a reading does not say that it came under such a clock, and is not stamped anew',
  },
  {
    id: 'T2',
    fault: 'a clock ten years ahead',
    expected: 'its edits do not win for ever, and what it claims about time is bounded and reported',
    missing:
      'a reading of the future is taken without a bound or a warning; readings behind it are refused until its time comes, or where lateMsMax allows them they are late to every rule until then',
  },
  {
    id: 'T3',
    fault: 'a clock is set back by an hour',
    expected:
      'sequences go up all the same, nothing that was done by time is done again, nothing waits the hour',
    missing: 'readings that are further behind than lateMsMax are refused until the clock has caught up',
  },
  {
    id: 'T4',
    fault: 'summer time, leap seconds, another zone',
    expected: 'waits are counted in elapsed time, and times are UTC',
  },
  {
    id: 'T5',
    fault: 'a credential that has ended by the clock of the device and not by that of the hub',
    expected: 'the hub decides; the device asks for a newer one once, and then says so',
  },
  {
    id: 'T6',
    fault: 'waits longer than a timer can be',
    expected: 'they end when they are due, and not at once',
  },
  {
    id: 'C1',
    fault: 'run-length bombs: millions of operations in a hundred bytes',
    expected: 'refused by counting, before anything is inflated or decoded',
  },
  {
    id: 'C2',
    fault: 'deflate bombs',
    expected: 'inflating stops at its bound',
  },
  {
    id: 'C3',
    fault: 'nesting bombs',
    expected: 'refused above a depth',
  },
  {
    id: 'C4',
    fault: 'operation numbers far ahead',
    expected: 'refused; the record loads and takes edits afterwards',
  },
  {
    id: 'C5',
    fault: 'dependencies that never come',
    expected: 'what waits for them has a ceiling and an end, and is counted',
    untested: 'no test carries its id yet',
  },
  {
    id: 'C6',
    fault: 'two changes of one actor and sequence',
    expected: 'kept as proof against the device; the others end equal',
  },
  {
    id: 'C7',
    fault: 'writing under the actor of another device',
    expected: 'refused: an actor belongs to the first key that signs under it',
  },
  {
    id: 'C8',
    fault: 'a change with a wrong checksum',
    expected: 'refused on the wire and when read from the disk',
  },
  {
    id: 'C9',
    fault: 'a record with more heads than there are devices',
    expected: 'a ceiling, a warning, and a change that joins them: the next edit; nobody is locked out',
  },
  {
    id: 'C10',
    fault: 'keys that reach a prototype, empty ones, very long ones',
    expected:
      'those that would harm are refused by name where they are written and where they arrive, an empty one is a key; nothing reaches a prototype',
  },
  {
    id: 'C11',
    fault: 'a value of another kind than the schema says',
    expected: 'the record stays readable; the hub mends it, or the next edit does',
  },
  {
    id: 'C12',
    fault: 'counters that overflow, NaN, -0, integers beyond 2^53',
    expected: 'refused where they are written, read without an exception where they arrive',
  },
  {
    id: 'C13',
    fault: 'half surrogates, invisible and right-to-left characters',
    expected:
      'kept as they are or refused by name; they reach no terminal, page or log as control characters',
  },
  {
    id: 'C14',
    fault: 'a user with the right to it deletes everything',
    expected: 'history keeps it, and each record can be brought back as it was',
  },
  {
    id: 'C15',
    fault: 'a flood of tiny changes',
    expected: 'rates and compaction bound what a reader must catch up with',
  },
  {
    id: 'C16',
    fault: 'bytes at which the engine panics',
    expected: 'its worker survives or is replaced; the record is loaded again from the log',
  },
  {
    id: 'A1',
    fault: 'no credential, a forged one, one of another space or without a signature',
    expected: 'refused before anything is told',
  },
  {
    id: 'A2',
    fault: 'guessing ids of what the caller may not read',
    expected: 'the same answer as for what is not there, and a line in a log',
  },
  {
    id: 'A3',
    fault: 'a device that may only read sends edits',
    expected: 'refused; the device keeps them beside the record, with the reason',
  },
  {
    id: 'A4',
    fault: 'a device is revoked while its session is open',
    expected: 'the session ends within 5 s, what it wrote later is refused, and so it is told',
  },
  {
    id: 'A5',
    fault: 'a device loses the right to a channel',
    expected: 'its records leave the device when it next hears from the hub',
  },
  {
    id: 'A6',
    fault: 'a page of another origin opens a WebSocket',
    expected: 'refused at the upgrade',
    missing:
      'a hub whose config lists no origins takes them all: no cookie opens a session, so a foreign page gains nothing by it',
  },
  {
    id: 'A7',
    fault: 'a token in an address',
    expected: 'it opens nothing, and no log has it',
  },
  {
    id: 'A8',
    fault: 'a peer claims to be another one',
    expected: 'refused without the key; the session of the true one stays',
  },
  {
    id: 'A9',
    fault: 'trying tokens and codes by the thousand',
    expected: 'each address is limited, and what is refused counts for many',
  },
  {
    id: 'A10',
    fault: 'going round the rule of a field by merging',
    expected: 'rules see what an edit made of the record, whatever carried it',
  },
  {
    id: 'A11',
    fault: 'administration without a token',
    expected:
      'there is none: a hub makes its token at the first start, and answers this machine only unless it is told otherwise',
  },
  {
    id: 'A12',
    fault: 'an address in an adapter leads to where it should not',
    expected:
      'only the system of the config is called, at the address that its name was seen to have: no redirect, no other place on it by an odd id, no link-local address, and no private network that the config does not allow',
  },
  {
    id: 'I1',
    fault: 'a system asks for a wait (429, 503, Retry-After)',
    expected: 'it has it, by every record of the account; what waits is durable, and its age shows',
    missing:
      'that a whole account waits is not remembered over a restart: what was turned away keeps its time, others are tried once',
  },
  {
    id: 'I2',
    fault: 'an answer is lost after the system carried the call out',
    expected:
      'the same call is made again under the same key, or looked for; no second row, no second effect',
  },
  {
    id: 'I3',
    fault: 'a row is changed there while a call is on its way (412)',
    expected:
      'the call writes nothing over it; the rule of each field decides, or a person, who finds both values',
  },
  {
    id: 'I4',
    fault: 'a record that the system refuses for ever',
    expected:
      'a dead letter in its words at the first refusal; everything else goes on, and it goes when it was mended and is tried again',
  },
  {
    id: 'I5',
    fault: 'a push is forged, changed, old, or sent again',
    expected:
      'it changes nothing: the signature covers what counts, five minutes are the most, and what was heard is not heard twice',
  },
  {
    id: 'I6',
    fault: 'what a system told comes back to it, and round again',
    expected: 'it ends at the first hop: no write to where it came from, one to each other system',
  },
  {
    id: 'I7',
    fault: 'a field of the system is dropped, or becomes something else',
    expected:
      'the mapping that it touches is paused and says why, the others go on; no record loses what it holds, nothing becomes a dead letter for it, and it goes on by itself once it fits again',
  },
  {
    id: 'I8',
    fault: 'a burst of a hundred times as many readings',
    expected: 'each is kept or refused by name, none is lost in silence, and each alarm opens once',
    missing:
      'readings have no classes and none are thinned out; those beyond what a gateway holds are refused and not counted',
  },
  {
    id: 'I9',
    fault: 'readings of earlier are told again, or late',
    expected: 'what is known is known; what is late is told as late, and what is now stays as it is',
    missing: 'a reading carries no mark of its own: its time says it, and a crossing that it opens',
  },
]
