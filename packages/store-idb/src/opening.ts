/** Opening: what the database holds becomes the index; and what is written before anything else is, the row of the new run (rules O-2 to O-6). */
import { type RunRow, StoreError, toHex } from '@skerry/core'
import type { Connection, Reading, Writing } from './connection.ts'
import { isSound, readHead } from './frame-head.ts'
import { LogFrames } from './log-frames.ts'
import { CLOSED, turnLog } from './log-turn.ts'
import { sealedText, unsealed } from './sealed-text.ts'

const LOG_ID_BYTES = 16

interface Identity {
  log: string
  runs: RunRow[]
}

export interface Opened extends Identity {
  frames: LogFrames
  /** Present: the row of this run is written. */
  begun: Promise<true> | undefined
  /** Writes it; nothing else is written before. What failed may be tried again. @throws StoreError full, io */
  begin(): Promise<true>
}

interface Found {
  log: string | undefined
  closed: string | undefined
  runs: (string | undefined)[]
  heads: ReadonlyMap<number, Uint8Array>
  spares: ReadonlyMap<number, Uint8Array>
}

/** Of a new log, and where a head was mended, the row of the run is written already. @throws StoreError corrupt, full, io; RangeError for a run that was used before */
export async function openLog(
  connection: Connection,
  name: string,
  run: string,
  owner: string,
): Promise<Opened> {
  const found = await connection.read('open', ['meta', 'runs', 'heads', 'spares'], read)
  const { log = '', runs } = identityOf(name, found)
  const heads = soundHeads(name, found)
  const frames = new LogFrames()
  for (const [number, head] of heads.all) frames.add(readHead(number, head))
  if (runs.some((known) => known.run === run))
    throw new RangeError(`run ${run} was used before; give a new one`)
  const identity = {
    log: log || toHex(crypto.getRandomValues(new Uint8Array(LOG_ID_BYTES))),
    runs: [...runs, { run, first: frames.index.head + 1 }],
  }
  const begin = async () => {
    if (log && found.closed === undefined) await turnLog(connection)
    await connection.write('open', ['meta', 'runs', 'heads', 'spares'], (tx) =>
      writeRun(tx, identity, owner, heads.mended),
    )
    connection.expect((tx) => isSame(tx, identity))
    return true as const
  }
  // Until this run has a row, the database is known by the run before.
  if (log) connection.expect((tx) => isSame(tx, { log, runs }))
  const begun = log && !heads.mended.length ? undefined : begin()
  await begun
  return { ...identity, frames, begun, begin }
}

async function read(tx: Reading<'meta' | 'runs' | 'heads' | 'spares'>): Promise<Found> {
  const [log, closed, runs, numbers, heads, spareNumbers] = await Promise.all([
    tx.objectStore('meta').get('log'),
    tx.objectStore('meta').get(CLOSED),
    tx.objectStore('runs').getAll(),
    tx.objectStore('heads').getAllKeys(),
    tx.objectStore('heads').getAll(),
    tx.objectStore('spares').getAllKeys(),
  ])
  const byNumber = new Map(numbers.map((number, at) => [number, heads[at]!]))
  const wanted = spareNumbers.filter((number) => !isSound(byNumber.get(number)))
  const spares = await Promise.all(wanted.map((number) => tx.objectStore('spares').get(number)))
  return {
    log,
    closed,
    runs,
    heads: byNumber,
    spares: new Map(wanted.flatMap((number, at) => (isSound(spares[at]) ? [[number, spares[at]]] : []))),
  }
}

function identityOf(name: string, { log, runs, heads, spares }: Found): { log?: string; runs: RunRow[] } {
  if (log === undefined && runs.length + heads.size + spares.size === 0) return { runs: [] }
  const known = unsealed(log)
  if (typeof known !== 'string') throw corrupt(name, 'the id of its log')
  const rows = runs.map((text, at) => {
    const row = unsealed(text)
    if (row === undefined) throw corrupt(name, `the row of run ${at + 1}`)
    return row as RunRow
  })
  return { log: known, runs: rows }
}

/** In ascending number; those that were read from their spares are to be put back. */
function soundHeads(name: string, { heads, spares }: Found) {
  const mended = [...spares]
  const all = [...heads].map(([number, head]) => {
    const sound = isSound(head) ? head : spares.get(number)
    if (sound === undefined) throw corrupt(name, `the head of frame ${number}, twice,`)
    return [number, sound] as const
  })
  const missing = mended.filter(([number]) => !heads.has(number))
  return { all: [...all, ...missing].sort(([left], [right]) => left - right), mended }
}

function writeRun(
  tx: Writing<'meta' | 'runs' | 'heads' | 'spares'>,
  { log, runs }: Identity,
  owner: string,
  mended: readonly (readonly [number: number, head: Uint8Array])[],
): Promise<unknown> {
  const heads = tx.objectStore('heads')
  return Promise.all([
    tx.objectStore('meta').put(sealedText(log), 'log'),
    tx.objectStore('meta').put(owner, 'owner'),
    // From now on a kill may cut something short.
    tx.objectStore('meta').delete(CLOSED),
    tx.objectStore('runs').put(sealedText(runs.at(-1)), runs.length),
    ...mended.map(([number, head]) => heads.put(head, number)),
  ])
}

async function isSame(tx: Reading<'meta' | 'runs'>, { log, runs }: Identity): Promise<boolean> {
  const [kept, row] = await Promise.all([
    tx.objectStore('meta').get('log'),
    tx.objectStore('runs').get(runs.length),
  ])
  return unsealed(kept) === log && JSON.stringify(unsealed(row)) === JSON.stringify(runs.at(-1))
}

function corrupt(name: string, what: string): StoreError {
  return new StoreError(
    'corrupt',
    `open ${name}: ${what} is damaged, so that the order of the log cannot be known; deleteIdbStore removes the store, and the hub tells all again that it had`,
  )
}
