/** The engine runs: what was edited without it becomes entries, or is set aside (CE-4 to CE-6). */
import type { Collection } from '../records/collection.ts'
import { DraftError, diffViews, type Edit, equalJson } from '../records/edits.ts'
import { rebase } from '../records/rebase.ts'
import type { JsonObject } from '../records/shape.ts'
import { DELETED_KEY } from '../records/view.ts'
import { asideOf, putAside } from './aside.ts'
import { EditRefused, writeRecord } from './author.ts'
import type { Intent } from './intent.ts'
import { collectionOf, type OpenRecord } from './open-record.ts'
import { RecordQuarantined } from './record-quarantine.ts'
import type { ReplicaCore } from './replica-core.ts'
import type { Turn } from './turn.ts'

interface Numbered {
  number: number
  intent: Intent
}

/** To be called before any other turn is run. @throws StoreError */
export async function takeUpIntents(core: ReplicaCore): Promise<void> {
  const byRecord = new Map<string, Numbered[]>()
  for (const one of await core.intents.read()) {
    const { record } = one.intent
    if (!core.collections.has(collectionOf(record))) continue
    byRecord.set(record, [...(byRecord.get(record) ?? []), one])
  }
  const turns = [...byRecord].map(([record, intents]) =>
    core.writer.runFirst((turn) => takeUp(core, turn, record, intents)),
  )
  await Promise.all(turns)
}

async function takeUp(
  core: ReplicaCore,
  turn: Turn,
  key: string,
  intents: readonly Numbered[],
): Promise<void> {
  for (const { intent } of intents) {
    const record = await turn.open(key)
    try {
      await write(core, turn, record, intent)
    } catch (error) {
      if (!isRefusal(error)) throw error
      setAside(core, turn, record, intent, error)
    }
  }
  const numbers = intents.map(({ number }) => number)
  core.intents.taken(turn, key, numbers)
  const record = await turn.open(key)
  // The row says again what the record is.
  if (record.isNew && !record.isGone) turn.forget(record)
  else if (!record.isQuarantined) turn.touch(record)
}

async function write(core: ReplicaCore, turn: Turn, record: OpenRecord, intent: Intent): Promise<void> {
  record.check()
  const edits = editsOf(record, intent)
  if (edits.length > 0) await writeRecord(turn, core.author, record, edits, intent.at)
}

/** @throws EditRefused, DraftError */
function editsOf(record: OpenRecord, intent: Intent): readonly Edit[] {
  const { visible, collection } = record
  if (!visible && intent.was)
    throw new EditRefused(
      'not-found',
      `${record.key} is not there any more, and what was written into it is kept`,
    )
  if (!intent.became) return [{ op: 'put', path: [DELETED_KEY], value: true }]
  const became = asNow(collection!, intent.version, intent.became)
  const was = intent.was && asNow(collection!, intent.version, intent.was)
  const wanted = equalJson(was, visible)
    ? became
    : rebase(collection!.shape, was ?? {}, became, visible ?? {})
  const edits = record.editsTo(wanted)
  return edits.length > 0 || intent.was ? edits : [{ op: 'put', path: [DELETED_KEY], value: false }]
}

/** A view that another version of the app made, as this one shows it. @throws EditRefused */
function asNow({ versions }: Collection, version: number, view: JsonObject): JsonObject {
  const shown = versions.viewFrom(version, view)
  if (!shown)
    throw new EditRefused(
      'other-version',
      `it was written with version ${version} of the collection, from which nothing leads to version ${versions.number}`,
    )
  return shown
}

function isRefusal(error: unknown): error is Error & { code: string } {
  return error instanceof EditRefused || error instanceof DraftError || error instanceof RecordQuarantined
}

function setAside(
  core: ReplicaCore,
  turn: Turn,
  record: OpenRecord,
  intent: Intent,
  { code, message }: { code: string; message: string },
): void {
  const refusal = { seq: turn.skip(), code, reason: message }
  const edits = whatItDid(record.collection!, intent)
  const { host, identity } = core
  const author = identity.credential?.subject
  putAside(turn, { ...asideOf(record.key, edits, refusal, { host, author }), at: intent.at })
}

/** Without the document: fields as the view names them; those that this version does not know as text, for people to read. */
function whatItDid({ shape }: Collection, { was = {}, became }: Intent): Edit[] {
  if (!became) return [{ op: 'put', path: [DELETED_KEY], value: true }]
  try {
    const unknown = Object.entries(became).filter(
      ([field, value]) => !shape.fields.has(field) && !equalJson(value, was[field]),
    )
    const shown = unknown.map(
      ([field, value]): Edit => ({ op: 'put', path: [field], value: JSON.stringify(value) }),
    )
    return [...diffViews(shape, was, became, 'leave'), ...shown]
  } catch (error) {
    // Values of another version, which this one's shapes do not take.
    if (!(error instanceof DraftError)) throw error
    return Object.entries(became).map(([field, value]) => ({
      op: 'put',
      path: [field],
      value: JSON.stringify(value),
    }))
  }
}
