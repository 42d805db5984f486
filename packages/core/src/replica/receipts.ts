/**
 * Receipts: what became of an edit at the hub or in an external system. Each is an entry of its own kind under the record's key, so that it reaches
 * every replica that has the record; a table keeps them by record for reading.
 */
import { decodeUtf8, encodeUtf8 } from '../bytes/utf8.ts'
import { pathOf, pointerOf } from '../records/pointer.ts'
import type { Json } from '../records/shape.ts'
import type { Versions } from '../records/versions.ts'
import type { Store, TableRow } from '../store/port.ts'
import { REASON_LENGTH_MAX, RECEIPT_BYTES_MAX, RECEIPTS_LISTED_MAX } from './limits.ts'
import type { Turn } from './turn.ts'

export const RECEIPTS_TABLE = 'receipts'

export type Outcome =
  /** The place has it. */
  | 'saved'
  /** Accepted, but it broke a rule and was made right. */
  | 'mended'
  /** The place will not have it; the reason is in the place's own words. */
  | 'refused'
  /** Both sides changed it and the field's rule chose the other value. */
  | 'overruled'
  /** Both sides changed it, and a person is to decide: each side keeps its own until then. */
  | 'review'

/** Both values of a field: what it was, and what it became. Under review: what the place has, what the record shows, and what both had before. */
export interface BothValues {
  was: Json
  became: Json
  agreed?: Json | undefined
}

export interface Receipt {
  record: string
  /** `hub`, or the name of an external system. */
  place: string
  outcome: Outcome
  /** Edits it speaks of: highest sequence per actor (hex). */
  seqs: Record<string, number>
  reason?: string | undefined
  rule?: string | undefined
  /** Fields concerned, as JSON pointers; absent means the whole record. */
  fields?: string[] | undefined
  /** Of each field that was overruled, mended, or is under review, by pointer. */
  values?: Record<string, BothValues> | undefined
  /** Wall clock of the place, milliseconds since 1970. */
  at: number
}

/** A receipt names fields as documents keep them; this version has its own names, and forms, for them. What it does not show is left out. */
export function shownReceipt(versions: Versions, receipt: Receipt): Receipt {
  const { fields, values } = receipt
  if (!fields) return receipt
  const named = fields.flatMap((pointer) => {
    const field = versions.named(pathOf(pointer))
    return field ? [{ pointer, field }] : []
  })
  const shown: NonNullable<Receipt['values']> = {}
  for (const { pointer, field } of named) {
    const both = values?.[pointer]
    if (!both) continue
    const read = (value: Json) => (value === null ? null : (field.read(value) ?? null))
    const [was, became] = [read(both.was), read(both.became)]
    const agreed = both.agreed === undefined ? {} : { agreed: read(both.agreed) }
    if (was !== null || became !== null) shown[pointerOf(field.path)] = { was, became, ...agreed }
  }
  return {
    ...receipt,
    fields: [...new Set(named.map(({ field }) => pointerOf(field.path)))],
    ...(values ? { values: shown } : {}),
  }
}

/** The other way, for receipts that this node gives: values that are stored in another form are left out. */
export function storedReceipt(versions: Versions, receipt: Receipt): Receipt {
  const { fields, values } = receipt
  if (!fields) return receipt
  const stored = (pointer: string) => {
    const [name, ...rest] = pathOf(pointer)
    const slot = name === undefined ? undefined : versions.storedAs(name)
    return slot
      ? { pointer: pointerOf([slot.key, ...rest]), isConverted: slot.isConverted }
      : { pointer, isConverted: false }
  }
  const kept = Object.entries(values ?? {}).flatMap(([pointer, both]) => {
    const at = stored(pointer)
    return at.isConverted ? [] : [[at.pointer, both] as const]
  })
  return {
    ...receipt,
    fields: fields.map((pointer) => stored(pointer).pointer),
    ...(values ? { values: Object.fromEntries(kept) } : {}),
  }
}

export class ReceiptError extends Error {
  override readonly name = 'ReceiptError'
  readonly code = 'malformed-receipt'
}

const outcomes: readonly string[] = ['saved', 'mended', 'refused', 'overruled', 'review']

/** Values, and then fields, are left out where the receipt would be larger than anybody reads. */
export function encodeReceipt(receipt: Receipt): Uint8Array {
  const { record: _, values, fields, ...rest } = receipt
  const content = { ...rest, reason: rest.reason?.slice(0, REASON_LENGTH_MAX) }
  for (const shorter of [
    { ...content, fields, values },
    { ...content, fields },
  ]) {
    const bytes = encodeUtf8(JSON.stringify(shorter))
    if (bytes.length <= RECEIPT_BYTES_MAX) return bytes
  }
  return encodeUtf8(JSON.stringify(content))
}

/** @throws ReceiptError */
export function decodeReceipt(record: string, body: Uint8Array): Receipt {
  try {
    const text = decodeUtf8(body, 0, body.length)
    const content = JSON.parse(text ?? '') as Partial<Receipt>
    const valid =
      typeof content.place === 'string' &&
      typeof content.at === 'number' &&
      isSeqs(content.seqs) &&
      (content.reason === undefined || typeof content.reason === 'string') &&
      outcomes.includes(content.outcome ?? '')
    if (!valid) throw new ReceiptError(`a receipt for ${record} lacks place, outcome, seqs or time`)
    return { ...(content as Receipt), record }
  } catch (cause) {
    if (cause instanceof ReceiptError) throw cause
    throw new ReceiptError(`a receipt for ${record} is not JSON`, { cause })
  }
}

function isSeqs(seqs: unknown): boolean {
  return (
    typeof seqs === 'object' &&
    seqs !== null &&
    Object.values(seqs).every((seq) => typeof seq === 'number' && Number.isSafeInteger(seq))
  )
}

/** Key in the receipts table: by record, then time, then a hash that tells equal ones apart. */
export function receiptKey(receipt: Receipt, bodyHash: string): string {
  return `${receipt.record}\n${String(receipt.at).padStart(15, '0')}\n${bodyHash}`
}

/** A record's receipts go with its entries: they hold values of its fields, and come again with it. */
export async function forgetReceipts(turn: Turn, record: string): Promise<void> {
  const prefix = `${record}\n`
  for (;;) {
    const rows = await turn.scan(RECEIPTS_TABLE, { prefix, limit: RECEIPTS_LISTED_MAX })
    for (const { key } of rows) turn.put(RECEIPTS_TABLE, key, undefined)
    if (rows.length < RECEIPTS_LISTED_MAX) return
  }
}

/** Receipts without an entry are forgotten: they come again as what is lacking does. `kept`: names of those that have one. */
export async function forgetReceiptsBut(
  turn: Turn,
  record: string,
  kept: ReadonlySet<string>,
): Promise<void> {
  const rows = await turn.scan(RECEIPTS_TABLE, { prefix: `${record}\n`, limit: RECEIPTS_LISTED_MAX })
  for (const { key } of rows) if (!kept.has(nameIn(key))) turn.put(RECEIPTS_TABLE, key, undefined)
}

/** The newest receipts of a record, oldest first, at most RECEIPTS_LISTED_MAX. */
export async function readReceipts(store: Pick<Store, 'scan'>, record: string): Promise<Receipt[]> {
  let newest: TableRow[] = []
  const range = { prefix: `${record}\n`, limit: RECEIPTS_LISTED_MAX }
  for (let after: string | undefined; ; after = newest.at(-1)?.key) {
    const page = await store.scan(RECEIPTS_TABLE, after === undefined ? range : { ...range, after })
    newest = [...newest, ...page].slice(-RECEIPTS_LISTED_MAX)
    if (page.length < RECEIPTS_LISTED_MAX) return newest.map((row) => decodeReceipt(record, row.value))
  }
}

/** Names of all receipts of a record: the ends of their keys, ascending. */
export async function receiptHashes(store: Pick<Store, 'scan'>, record: string): Promise<string[]> {
  const prefix = `${record}\n`
  const hashes: string[] = []
  for (let after: string | undefined; ; ) {
    const range = { prefix, limit: RECEIPTS_LISTED_MAX }
    const page = await store.scan(RECEIPTS_TABLE, after === undefined ? range : { ...range, after })
    for (const { key } of page) hashes.push(nameIn(key))
    if (page.length < RECEIPTS_LISTED_MAX) return hashes.sort()
    after = page.at(-1)!.key
  }
}

/** True when the receipt speaks of this field at the root: it names the field, something in it, the whole record, or no field. */
export function speaksOf({ fields }: Receipt, field: string): boolean {
  return !fields || fields.some((pointer) => (pathOf(pointer)[0] ?? field) === field)
}

function nameIn(key: string): string {
  return key.slice(key.lastIndexOf('\n') + 1)
}

/** True when the receipt speaks of every one of these edits. */
export function covers(receipt: Receipt, seqs: Iterable<readonly [actor: string, seq: number]>): boolean {
  for (const [actor, seq] of seqs) if ((receipt.seqs[actor] ?? 0) < seq) return false
  return true
}
