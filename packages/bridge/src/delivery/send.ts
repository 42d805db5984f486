/** Sends what was begun together, in one form, and gives each item its own answer (SPEC B-17, B-55 to B-58). */
import type { Adapter, Call, ReadAnswer, Write, WriteAnswer } from '../adapter-port.ts'
import { reasonOf } from '../bridge-life.ts'
import type { Begun } from '../outbox.ts'
import type { FormName } from './form.ts'

/** What each call of the adapter is given, by the pass of this group. */
export interface GroupCalls {
  write(): Call
  read(): Call
}

export interface SendOptions {
  adapter: Adapter
  type: string
  form: FormName
  calls: GroupCalls
  /** The adapter has a bug. */
  failed: (code: string, error: unknown) => void
}

/** @returns one answer for each, in their order */
export async function send(options: SendOptions, items: readonly Begun[]): Promise<WriteAnswer[]> {
  const early = await lookFirst(options, items)
  const late = items.filter((_, i) => !early[i])
  const answers = late.length > 0 ? await write(options, late) : []
  let at = 0
  return early.map((answer) => answer ?? answers[at++]!)
}

async function write(options: SendOptions, items: readonly Begun[]): Promise<WriteAnswer[]> {
  const { adapter, type, form, calls, failed } = options
  const writes = items.map(writeOf)
  try {
    if (form === 'bulk' && adapter.writeBulk)
      return counted(options, await adapter.writeBulk(type, writes, calls.write()), items.length)
    if (writes.length > 1 && adapter.writeMany)
      return counted(options, await adapter.writeMany(type, writes, calls.write()), items.length)
    const answers: WriteAnswer[] = []
    for (const one of writes) answers.push(await writeOne(adapter, type, one, calls.write()))
    return answers
  } catch (error) {
    failed('adapter-threw', error)
    return items.map(() => ({ kind: 'unknown', reason: reasonOf(error) }))
  }
}

function writeOne(adapter: Adapter, type: string, write: Write, call: Call): Promise<WriteAnswer> {
  return write.action === 'upsert' ? adapter.upsert(type, write, call) : adapter.delete(type, write, call)
}

function writeOf({ wish, externalId, rowId, expectedVersion, idempotencyKey }: Begun): Write {
  if (wish.action === 'delete')
    return {
      action: 'delete',
      id: rowId ?? '',
      externalId,
      expectedVersion: expectedVersion ?? undefined,
      idempotencyKey,
    }
  const { fields, restore } = wish
  return { action: 'upsert', externalId, id: rowId, fields, restore, expectedVersion, idempotencyKey }
}

/** Whose answer is whose cannot be told of another number than was asked for: then none is believed (B-56). */
function counted(
  { type, failed }: SendOptions,
  answers: readonly WriteAnswer[],
  count: number,
): WriteAnswer[] {
  const isCounted =
    Array.isArray(answers) &&
    answers.length === count &&
    answers.every((answer) => typeof answer?.kind === 'string')
  if (isCounted) return [...answers]
  const got = Array.isArray(answers) ? `${answers.length} answers` : typeof answers
  const reason = `${count} writes of ${type} were answered with ${got}; an adapter answers each write, in order`
  failed('adapter-miscounted', new Error(reason))
  return Array.from({ length: count }, () => ({ kind: 'unknown', reason }))
}

/** Where the system cannot compare, this side does, just before (B-17, B-58). Whoever has an answer already is not written. */
async function lookFirst(
  options: SendOptions,
  items: readonly Begun[],
): Promise<(WriteAnswer | undefined)[]> {
  const { adapter } = options
  if (adapter.capabilities.compareAndSet) return items.map(() => undefined)
  try {
    const rows = await readAll(options, items)
    return items.map((item, i) => lookedAt(item, rows[i]!))
  } catch (error) {
    options.failed('adapter-threw', error)
    return items.map(() => ({ kind: 'later', reason: reasonOf(error) }))
  }
}

/** Rows of known id together, the others one by one: only ids can be read together. */
async function readAll(options: SendOptions, items: readonly Begun[]): Promise<ReadAnswer[]> {
  const { adapter, type, calls } = options
  const ids = items.flatMap(({ rowId }) => rowId ?? [])
  const together = ids.length > 1 && adapter.readMany ? await readMany(options, ids) : []
  let at = 0
  const answers: ReadAnswer[] = []
  for (const { rowId, externalId } of items) {
    if (rowId !== undefined && together.length > 0) answers.push(together[at++]!)
    else
      answers.push(
        await adapter.read(type, rowId === undefined ? { externalId } : { id: rowId }, calls.read()),
      )
  }
  return answers
}

async function readMany(
  { adapter, type, calls, failed }: SendOptions,
  ids: readonly string[],
): Promise<ReadAnswer[]> {
  const { readsMax = ids.length } = adapter.capabilities.batch ?? {}
  const answers: ReadAnswer[] = []
  for (let at = 0; at < ids.length; at += readsMax)
    answers.push(...(await adapter.readMany!(type, ids.slice(at, at + readsMax), calls.read())))
  if (answers.length === ids.length) return answers
  const reason = `${ids.length} reads of ${type} were answered with ${answers.length} answers; an adapter answers each read, in order`
  failed('adapter-miscounted', new Error(reason))
  return ids.map(() => ({ kind: 'later', reason }))
}

/** Undefined: the row is as it was expected, and may be written. */
function lookedAt({ expectedVersion }: Begun, answer: ReadAnswer): WriteAnswer | undefined {
  if (answer.kind === 'absent') return undefined
  if (answer.kind === 'row')
    return answer.row.version === expectedVersion ? undefined : { kind: 'conflict', row: answer.row }
  return answer.kind === 'unknown' ? { ...answer, kind: 'later' } : answer
}
