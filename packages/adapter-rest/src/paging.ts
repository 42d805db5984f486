/** How one page leads to the next (`list.paging` of the config): the address of a page, and what its answer says of the one after it. */
import { pathBelow, type Told } from '@skerry/bridge/http'
import type { RestConfig } from './config.ts'
import { valueAt } from './path-in.ts'

export type Next =
  | { kind: 'end' }
  /** What leads on: a word, a number, or a path below the base address. */
  | { kind: 'at'; cursor: string }
  /** The answer leads to another system, or to nothing that could be read. */
  | { kind: 'lost'; reason: string }

export function isNumbered({ list }: RestConfig): boolean {
  return list.paging === 'page' || list.paging === 'offset'
}

/** @param path where rows are listed, filled in @param query what every page of this listing carries */
export function pagePath(
  { list }: RestConfig,
  path: string,
  query: URLSearchParams,
  cursor: string | undefined,
): string {
  const isLink = list.paging === 'next-link' || list.paging === 'link-header'
  if (isLink && cursor !== undefined) return cursor
  const all = new URLSearchParams(query)
  if (cursor !== undefined) all.set(list.cursor, cursor)
  const text = all.toString()
  return text === '' ? path : `${path}${path.includes('?') ? '&' : '?'}${text}`
}

export interface Page {
  config: RestConfig
  told: Told
  /** Asked for by this path and cursor. */
  path: string
  cursor: string | undefined
  /** How many were asked for, and came. */
  limit: number
  rows: number
}

export function nextOf(page: Page): Next {
  const { list } = page.config
  if (list.paging === 'link-header') return linked(page, nextLink(page.told.headers.get('link')))
  if (isNumbered(page.config)) return numbered(page)
  const next = valueAt(page.told.json, list.next)
  if (next === undefined || next === null || next === '') return { kind: 'end' }
  if (typeof next !== 'string' && typeof next !== 'number')
    return {
      kind: 'lost',
      reason: `what leads to the next page, at '${list.next}', is neither a text nor a number`,
    }
  return list.paging === 'next-link' ? linked(page, String(next)) : { kind: 'at', cursor: String(next) }
}

function linked({ config, path }: Page, address: string | undefined): Next {
  if (address === undefined) return { kind: 'end' }
  const cursor = pathBelow(config.baseUrl, address, path)
  if (cursor !== undefined) return { kind: 'at', cursor }
  return { kind: 'lost', reason: `the page leads to ${address}, which is not below ${config.baseUrl}` }
}

/** RFC 8288: `<address>; rel="next"`, among others. */
function nextLink(header: string | null): string | undefined {
  for (const [, address, parameters = ''] of (header ?? '').matchAll(/<([^>]*)>([^<]*)/g))
    if (/;\s*rel\s*=\s*(?:"(?:[^"]*\s)?next(?:\s[^"]*)?"|next(?=\s*[;,]|\s*$))/i.test(parameters))
      return address
  return undefined
}

/** By what the body says, or by a page that is short or empty. */
function numbered({ config, told, cursor, limit, rows }: Page): Next {
  const { list } = config
  const isOffset = list.paging === 'offset'
  const at = Number(cursor ?? (isOffset ? 0 : list.firstPage))
  const next: Next = { kind: 'at', cursor: String(isOffset ? at + rows : at + 1) }
  if (rows === 0) return { kind: 'end' }
  if (list.more !== undefined) return valueAt(told.json, list.more) === true ? next : { kind: 'end' }
  const total = list.total === undefined ? Number.NaN : Number(valueAt(told.json, list.total))
  if (Number.isFinite(total)) {
    const reached = isOffset ? at + rows : at - list.firstPage + 1
    return reached >= total ? { kind: 'end' } : next
  }
  return list.pageRowsMax !== undefined && rows < limit ? { kind: 'end' } : next
}
