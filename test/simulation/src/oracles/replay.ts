/**
 * A model of merging that knows nothing of CRDTs: of all edits whose mark a record has, counters are the sum, the text holds every word, and each other field has a value that one of them
 * wrote. An edit that is half there, twice there, or nobody's, does not fit.
 */
import type { JsonObject } from '@skerry/core'
import type { Edit, Ledger } from './ledger.ts'
import { OracleFailed } from './oracle-failed.ts'

export function checkReplay(ledger: Ledger, where: string, record: string, visit: JsonObject): void {
  const fail = (what: string): never => {
    throw new OracleFailed('replay', `${record} at ${where}: ${what}`)
  }
  const edits = Object.keys((visit['marks'] ?? {}) as JsonObject).map((mark) => {
    const edit = ledger.edits.get(mark)
    if (edit?.record !== record) return fail(`has ${mark}, which nobody wrote into it`)
    return edit as Edit
  })
  const hours = edits.reduce((sum, edit) => sum + edit.hours, 0)
  if ((visit['hours'] ?? 0) !== hours) fail(`has ${visit['hours']} hours, its edits added ${hours}`)
  const notes = String(visit['notes'] ?? '')
  for (const { note } of edits) {
    const times = note === undefined ? 1 : notes.split(note).length - 1
    if (times !== 1) fail(`its text has ${note} ${times} times: ${notes}`)
  }
  if (notes.split(' ').filter(Boolean).length !== edits.filter(({ note }) => note).length)
    fail(`its text has words that none of its edits wrote: ${notes}`)
  if (!edits.some(({ title }) => title === visit['title']))
    fail(`none of its edits wrote the title ${visit['title']}`)
  if (!edits.some(({ site }) => site === visit['site']))
    fail(`none of its edits moved it to ${visit['site']}`)
  checkParts(edits, (visit['parts'] ?? []) as { sku: string; qty: number }[], fail)
}

function checkParts(
  edits: readonly Edit[],
  parts: { sku: string; qty: number }[],
  fail: (what: string) => void,
): void {
  const written = edits.flatMap(({ part }) => part ?? [])
  for (const { sku, qty } of parts)
    if (!written.some((part) => part.sku === sku && part.qty === qty))
      fail(`none of its edits wrote ${qty} of ${sku}`)
  const skus = new Set(written.map(({ sku }) => sku))
  if (parts.length !== skus.size || parts.some(({ sku }) => !skus.has(sku)))
    fail(`has parts ${parts.map(({ sku }) => sku).join(' ')}, its edits wrote ${[...skus].join(' ')}`)
}
