/**
 * What this device holds of the space goes, because the operator wants it so: records, streams' entries, edits that were set aside, and edits that nobody has answered too. Key, credential and revocations stay, so that
 * the device can be given a new start. Begun, it goes on after a crash.
 */

import { answeredUpTo } from './answers.ts'
import { ASIDE_TABLE } from './aside.ts'
import { forgetRecord } from './membership.ts'
import type { ReplicaCore } from './replica-core.ts'
import { REVOCATIONS_RECORD } from './revocations.ts'
import type { Turn } from './turn.ts'

const STATE_TABLE = 'state'
const WIPING_KEY = 'wiping'
const PAGE = { entries: 1_000, bytes: 4 * 1024 * 1024 }
/** What says something of records, or of how far somebody's log was read. */
const TABLES = [
  ASIDE_TABLE,
  'intents',
  'receipts',
  'cursors',
  'again',
  'leaving',
  'entered',
  'marked',
  'deleted',
  'deleted-due',
  'taken-back',
  'digest-nodes',
  'digest-items',
  'digest-records',
  'digest-again',
  'digest-state',
]
const present = new Uint8Array([1])

/** Runs beside everything else; what goes wrong is told as an event, and tried again at the next open. */
export function wipe(core: ReplicaCore): void {
  wipeAll(core).catch((error) =>
    core.events({
      level: 'error',
      code: 'wipe-failed',
      message: `what this device holds could not be removed; it is tried again when it is opened next: ${error}`,
    }),
  )
}

export async function isWiping({ store }: ReplicaCore): Promise<boolean> {
  return (await store.get(STATE_TABLE, WIPING_KEY)) !== undefined
}

/** At open: one that was begun goes on. @throws StoreError */
export async function finishWipe(core: ReplicaCore): Promise<void> {
  if (await isWiping(core)) await wipeAll(core)
}

async function wipeAll(core: ReplicaCore): Promise<void> {
  await core.writer.run(async (turn) => turn.put(STATE_TABLE, WIPING_KEY, present))
  const [records, unanswered] = [(await core.store.size()).records, await countUnanswered(core)]
  await core.writer.run(async (turn) => {
    core.shippedPages.dropAll(turn)
    core.parking.clear(turn)
    core.damage.forgetLostBut(turn, REVOCATIONS_RECORD)
  })
  for (let after = 0; ; ) {
    const page = await core.store.readLog(after, PAGE)
    if (page.length === 0) break
    after = page.at(-1)!.seq
    const keys = new Set(page.map(({ record }) => record))
    keys.delete(REVOCATIONS_RECORD)
    await core.writer.run(async (turn) => {
      for (const key of keys) await forgetRecord(turn, core, await turn.open(key))
    })
  }
  await wipeIntents(core)
  for (const table of TABLES) while (await core.writer.run((turn) => emptyPage(turn, table)));
  await core.writer.run(async (turn) => turn.put(STATE_TABLE, WIPING_KEY, undefined))
  core.events({
    level: 'warn',
    code: 'wiped',
    message: `${records} records were removed as the operator wanted, with ${unanswered} edits that no hub had answered`,
    fields: { records, unanswered },
  })
}

/** Edits made before the engine ran, of collections that this version does not know (CE-6): the log names no record of theirs that was never an entry. */
async function wipeIntents(core: ReplicaCore): Promise<void> {
  const numbersOf = new Map<string, number[]>()
  for (const { number, intent } of await core.intents.read())
    numbersOf.set(intent.record, [...(numbersOf.get(intent.record) ?? []), number])
  for (const [key, numbers] of numbersOf)
    await core.writer.run(async (turn) => {
      await forgetRecord(turn, core, await turn.open(key))
      core.intents.taken(turn, key, numbers)
    })
}

/** Returns whether there may be more. */
async function emptyPage(turn: Turn, table: string): Promise<boolean> {
  const rows = await turn.scan(table, { limit: PAGE.entries })
  const going = rows.filter(({ key }) => !key.startsWith(`${REVOCATIONS_RECORD}\n`))
  for (const { key } of going) turn.put(table, key, undefined)
  return rows.length === PAGE.entries && going.length > 0
}

async function countUnanswered({ soundLog, answers, hubMet, intents }: ReplicaCore): Promise<number> {
  const answered = answeredUpTo(hubMet === undefined ? undefined : answers.get(hubMet))
  let count = intents.size
  for (let after = answered; ; ) {
    const page = await soundLog.readLog(after, PAGE)
    if (page.length === 0) return count
    count += page.filter(({ origin }) => !origin).length
    after = page.at(-1)!.seq
  }
}
