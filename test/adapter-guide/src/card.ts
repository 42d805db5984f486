/**
 * A vCard (RFC 6350) as lines, so that what nobody asked to change stays as it is: groups, parameters, properties of other programs, their order. Values of the properties in `texts` are plain text; those
 * of all others stand as they are in the card, since a semicolon or a comma has a meaning there.
 */
import type { JsonObject } from '@skerry/core'

interface Property {
  /** In capitals. */
  name: string
  /** Group, name and parameters, as they stand there. */
  head: string
  /** After the colon, as it stands there. */
  raw: string
}

export type Card = readonly Property[]

const texts = new Set(['FN', 'NOTE', 'PRODID', 'ROLE', 'TITLE', 'UID'])
const frame = new Set(['BEGIN', 'END', 'VERSION'])
/** Not to be written: they are what the card is. */
const fixed = new Set([...frame, 'UID'])
/** Bytes of a line; a longer one goes on in the next (section 3.2). */
const LINE_BYTES_MAX = 75

/** Undefined for what is no whole card. */
export function parseCard(text: string): Card | undefined {
  const lines = text
    .trimEnd()
    .replace(/\r?\n[ \t]/g, '')
    .split(/\r?\n/)
  const card = lines.flatMap((line) => {
    const [, head, name, raw] = /^((?:[\w-]+\.)?([\w-]+)(?:;(?:"[^"]*"|[^":])*)?):(.*)$/.exec(line) ?? []
    return head && name && raw !== undefined ? [{ name: name.toUpperCase(), head, raw }] : []
  })
  const isWhole = card[0]?.name === 'BEGIN' && card.at(-1)?.name === 'END' && card.length === lines.length
  return isWhole ? card : undefined
}

export function cardText(card: Card): string {
  return card.map(({ head, raw }) => `${folded(`${head}:${raw}`)}\r\n`).join('')
}

/** A property that is there several times is a list; an empty one is none. */
export function cardValue(card: Card): JsonObject {
  const value: JsonObject = {}
  for (const { name, raw } of card) {
    if (frame.has(name) || raw === '') continue
    const one = texts.has(name) ? unescaped(raw) : raw
    const former = value[name]
    value[name] = former === undefined ? one : Array.isArray(former) ? [...former, one] : [former, one]
  }
  return value
}

export function newCard(uid: string): Card {
  return (
    [
      ['BEGIN', 'VCARD'],
      ['VERSION', '4.0'],
      ['UID', escaped(uid)],
      ['END', 'VCARD'],
    ] as const
  ).map(([name, raw]) => ({ name, head: name, raw }))
}

/** The fields that no card can have with this value. */
export function impossible(fields: JsonObject): string[] {
  return Object.keys(fields).filter(
    (name) => fixed.has(name) || !/^[A-Z0-9-]+$/.test(name) || rawsOf(name, fields[name]) === undefined,
  )
}

/** The card with these fields; parameters of a property stay, whose value is another one now. */
export function withFields(card: Card, fields: JsonObject): Card {
  return Object.entries(fields).reduce((former, [name, value]) => {
    const raws = rawsOf(name, value) ?? []
    const kept = former.flatMap((property) => {
      if (property.name !== name) return [property]
      const raw = raws.shift()
      return raw === undefined ? [] : [{ ...property, raw }]
    })
    return [...kept.slice(0, -1), ...raws.map((raw) => ({ name, head: name, raw })), ...kept.slice(-1)]
  }, card)
}

function rawsOf(name: string, value: JsonObject[string] | undefined): string[] | undefined {
  const values = Array.isArray(value) ? value : [value ?? '']
  if (values.some((one) => typeof one === 'object')) return undefined
  const raws = values.map((one) => (texts.has(name) ? escaped(String(one)) : oneLine(String(one))))
  return raws.filter((raw) => raw !== '')
}

function oneLine(text: string): string {
  return text.replace(/\r\n|[\r\n]/g, '\\n')
}

function escaped(text: string): string {
  return oneLine(text.replace(/[\\,]/g, '\\$&'))
}

function unescaped(raw: string): string {
  return raw.replace(/\\(.)/g, (_, char: string) => (char === 'n' || char === 'N' ? '\n' : char))
}

function folded(line: string): string {
  let text = ''
  let bytes = 0
  for (const char of line) {
    const size = Buffer.byteLength(char)
    if (bytes + size > LINE_BYTES_MAX) {
      text += '\r\n '
      bytes = 1
    }
    text += char
    bytes += size
  }
  return text
}
