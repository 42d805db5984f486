/** Addresses and queries below the service, written so that nothing in a value is read as a part of them (SPEC OD-07). */
import { createHash } from 'node:crypto'
import type { ODataConfig, Typed } from './config.ts'
import { KEY_LENGTH_MAX } from './limits.ts'

const guidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** A quote within text stands twice (OData ABNF, rule string). */
export function textLiteral(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/** Milliseconds since 1970, or a time as the service told it. */
export function timeLiteral(time: number | string): string {
  return typeof time === 'number' ? new Date(time).toISOString() : time
}

/** Undefined for what no row of this type can have as its key. */
export function keyLiteral({ keyType }: Typed, id: string): string | undefined {
  if (keyType === 'guid') return guidPattern.test(id) ? id : undefined
  if (keyType === 'integer') return /^-?\d{1,19}$/.test(id) ? id : undefined
  return id !== '' && id.length <= KEY_LENGTH_MAX ? textLiteral(id) : undefined
}

/** Undefined where there can be no such row. */
export function rowPath(type: Typed, id: string): string | undefined {
  const literal = keyLiteral(type, id)
  return literal === undefined ? undefined : `/${type.set}(${encoded(literal)})`
}

/** Dataverse takes these signs in no address, encoded or not, although it takes them as values. */
const unaddressable = /[<>*%&:/\\?+#]/

/** Whether a row has an address by this external id. */
export function hasAddress({ create }: Typed, externalId: string): boolean {
  return create === 'alternate-key' && !unaddressable.test(externalId)
}

export function alternatePath({ set, externalId }: Typed, value: string): string {
  return `/${set}(${externalId}=${encoded(textLiteral(value))})`
}

/** A guid of version 8 (RFC 9562): 122 bits of SHA-256 over set and external id, the same at every node. */
export function knownId({ set }: Typed, externalId: string): string {
  const hash = createHash('sha256').update(`${set}\n${externalId}`).digest('hex')
  const variant = ((Number.parseInt(hash[16] ?? '0', 16) & 3) | 8).toString(16)
  return [
    hash.slice(0, 8),
    hash.slice(8, 12),
    `8${hash.slice(13, 16)}`,
    `${variant}${hash.slice(17, 20)}`,
    hash.slice(20, 32),
  ].join('-')
}

/** Every property that a row is made of here. */
export function selectOf({ key, externalId, modified, fields }: Typed): string {
  const names = [key, externalId, ...(modified === undefined ? [] : [modified])]
  return [...new Set([...names, ...fields.map(({ name }) => name)])].join(',')
}

/** `?$select=…&$filter=…`; options that are undefined are left out. */
export function queryOf(options: Readonly<Record<string, string | number | undefined>>): string {
  const parts = Object.entries(options).flatMap(([name, value]) =>
    value === undefined ? [] : [`$${name}=${encoded(String(value))}`],
  )
  return parts.length === 0 ? '' : `?${parts.join('&')}`
}

/** Conditions joined by `and`, beside the type's own; undefined for none. */
export function allOf({ filter }: Typed, ...conditions: readonly string[]): string | undefined {
  const all = [...(filter === undefined ? [] : [filter]), ...conditions]
  if (all.length < 2) return all[0]
  return all.map((one) => `(${one})`).join(' and ')
}

/** What a write asks back, where the service lets it choose. */
export function writeQuery({ selectsOnWrite }: ODataConfig, type: Typed): string {
  return selectsOnWrite ? queryOf({ select: selectOf(type) }) : ''
}

function encoded(text: string): string {
  return encodeURIComponent(text)
    .replace(/[()]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`)
    .replaceAll('%2C', ',')
}
