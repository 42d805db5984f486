/** Values of an order's fields as people read them. */
import type { HistoryItem, Json } from '@skerry/core'
import { type Signature, signatureIn, stampIn } from '@skerry/field-service/one-value'
import { isFromOffice, type Order } from '../order/order.ts'
import type { Words } from '../words/en.ts'
import type { Format } from '../words/format.ts'

/** Letters shown of a long text. */
const SHOWN_MAX = 120

export function fieldName(words: Words, field: string): string {
  return Object.hasOwn(words.fields, field) ? words.fields[field as keyof Words['fields']] : field
}

/** A part of a row is called by what the row says to people; a row that says nothing, by its field. @param order that has the row, where it is known */
export function nameOf(
  words: Words,
  path: readonly string[],
  order: Pick<Order, 'checklist'> | undefined,
): string {
  const [field = '', row] = path
  if (row !== undefined && field === 'parts') return words.rows.part(row)
  if (row !== undefined && field === 'photos') return words.rows.photo
  const step = field === 'checklist' ? order?.checklist?.find(({ id }) => id === row) : undefined
  return step ? words.rows.step(step.text) : fieldName(words, field)
}

export function shownValue(words: Words, format: Format, field: string, value: Json | undefined): string {
  if (value === undefined || value === null || value === '') return words.app.nothing
  if (field === 'due' && typeof value === 'string') return format.day(value)
  if (field === 'status' || field === 'priority') {
    const names: Record<string, string> = words[field]
    return names[String(value)] ?? String(value)
  }
  const whole = typeof value === 'string' ? shownWhole(words, field, value) : undefined
  if (whole !== undefined) return whole
  if (typeof value === 'number') return format.number(value)
  if (typeof value === 'boolean') return value ? words.app.yes : words.app.no
  if (typeof value === 'string') return value.length > SHOWN_MAX ? `${value.slice(0, SHOWN_MAX)} …` : value
  return shownParts(words, format, field, value)
}

/** A text that is one value of several parts. */
function shownWhole(words: Words, field: string, text: string): string | undefined {
  const signature = field === 'signed' ? signatureIn(text) : undefined
  if (signature) return shownSignature(words, signature)
  const stamp = field === 'stamped' ? stampIn(text) : undefined
  return stamp && words.stamp.at(stamp.latitude, stamp.longitude)
}

function shownSignature(words: Words, { name, drawing }: Pick<Signature, 'name' | 'drawing'>): string {
  return drawing === undefined ? name : words.signature.drawnBy(name)
}

/** Lists and objects by what tells their parts apart: `cable-tie × 3, cone × 1`. Nothing that people can read does so for photos: they are counted. */
function shownParts(
  words: Words,
  format: Format,
  field: string,
  value: Json[] | { [key: string]: Json },
): string {
  if (Array.isArray(value)) {
    if (value.length === 0) return words.app.nothing
    if (field === 'photos') return words.photos.count(value.length)
    return format.list(value.map((row) => shownRow(words, format, row)))
  }
  const { name, drawing, latitude, longitude } = value
  if (typeof latitude === 'number' && typeof longitude === 'number')
    return words.stamp.at(latitude, longitude)
  if (typeof name !== 'string') return JSON.stringify(value)
  return shownSignature(words, { name, ...(typeof drawing === 'string' && { drawing }) })
}

function shownRow(words: Words, format: Format, row: Json): string {
  if (typeof row !== 'object' || row === null || Array.isArray(row)) return shownValue(words, format, '', row)
  const { sku, qty, text, done } = row
  if (typeof sku === 'string') return `${sku} × ${format.number(Number(qty ?? 0))}`
  return typeof text === 'string' ? `${done === true ? '☑' : '☐'} ${text}` : JSON.stringify(row)
}

/** Subject of the hub's own credential (`packages/hub/src/hub-credential.ts`). */
const HUB_SUBJECT = 'hub'
/** What the subject of an adapter node begins with, before the name of its system. */
const ADAPTER = 'adapter:'

/** Neither the hub nor an adapter node. */
export function isPerson(subject: string | undefined): subject is string {
  return subject !== undefined && subject !== HUB_SUBJECT && !subject.startsWith(ADAPTER)
}

/** `tech:ana` is what the credential says; people say Ana. */
export function personName(subject: string | undefined, words: Words): string {
  if (subject === HUB_SUBJECT) return words.place.hub
  if (subject?.startsWith(ADAPTER)) return placeName(words, subject.slice(ADAPTER.length))
  const name = subject?.split(':').at(-1) ?? ''
  return name === '' ? words.app.somebody : name[0]!.toLocaleUpperCase() + name.slice(1)
}

/** Who wrote something. What was read from a system has no author of its own. */
export function authorName({ author, actor }: Pick<HistoryItem, 'author' | 'actor'>, words: Words): string {
  return isFromOffice(actor) ? words.place.crm : personName(author, words)
}

export function placeName(words: Words, place: string): string {
  if (place === 'here' || place === 'hub' || place === 'crm') return words.place[place]
  return words.place.other(place)
}
