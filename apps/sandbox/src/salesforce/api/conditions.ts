/** Conditional requests as Salesforce has them: strong ones on accounts only, weak ones by whole seconds on every row, none on DELETE. */
import { Refusal } from '../refusal.ts'
import type { Row } from '../rows/row.ts'
import { etagOf } from '../rows/told-row.ts'
import { wholeSecond } from '../time.ts'

const etagTypes = ['Account']

export function hasEtag(type: string): boolean {
  return etagTypes.includes(type)
}

/** Throws when a write may not be made. @throws Refusal PRECONDITION_FAILED, INVALID_HEADER_TYPE */
export function writeCondition(headers: Headers): (row: Row) => void {
  return (row) => {
    const ifMatch = headers.get('if-match')
    const ifNoneMatch = headers.get('if-none-match')
    const since = timeIn(headers, 'if-unmodified-since')
    const isStrong = hasEtag(row.type)
    if (isStrong && ifMatch !== null && !matches(ifMatch, row)) throw failed('If-Match')
    if (isStrong && ifNoneMatch !== null && matches(ifNoneMatch, row)) throw failed('If-None-Match')
    if (since !== undefined && row.modifiedAt > wholeSecond(since)) throw failed('If-Unmodified-Since')
  }
}

/** Whether a reader has what there is: 304. */
export function isKnown(headers: Headers, row: Row): boolean {
  const ifNoneMatch = headers.get('if-none-match')
  if (ifNoneMatch !== null && hasEtag(row.type)) return matches(ifNoneMatch, row)
  const since = timeIn(headers, 'if-modified-since')
  return since !== undefined && row.modifiedAt <= wholeSecond(since)
}

function matches(header: string, row: Row): boolean {
  const tags = header.split(',').map((tag) => tag.trim())
  if (tags.some((tag) => tag !== '*' && !/^"[^"]*"$/.test(tag)))
    throw new Refusal('INVALID_HEADER_TYPE', `${header} is no list of entity tags`)
  return tags.includes('*') || tags.includes(etagOf(row))
}

function timeIn(headers: Headers, name: string): number | undefined {
  const text = headers.get(name)
  if (text === null) return undefined
  const time = Date.parse(text)
  if (!Number.isNaN(time)) return time
  throw new Refusal('INVALID_HEADER_TYPE', `${name}: ${text} is no HTTP date`)
}

function failed(header: string): Refusal {
  return new Refusal('PRECONDITION_FAILED', `${header}: the record is another one than was expected`)
}
