/** What a resource of the service is: a synchronous function from what is asked to a reply, which may throw a Refusal. The same for a call of its own and for a part of a batch. */
import type { LedgerOperation } from '../../ledger/entry.ts'
import type { ODataWorld } from '../world.ts'

export type Asked = {
  method: string
  /** Below the service, with the query: `/Visits(1)?$select=Id`. */
  path: string
  headers: Headers
  text: string
  /** Of the caller, as it reached the service. */
  origin: string
}

export type Ask = Asked & {
  world: ODataWorld
  query: URLSearchParams
  preferences: ReadonlyMap<string, string>
  /** Asks another resource, as a part of this call; a refusal is a reply too. */
  dispatch: (asked: Asked) => Reply
}

export type Reply = {
  status: number
  headers?: Record<string, string>
  /** As JSON, in OData's media type. */
  body?: unknown
  /** As it is, with its own media type. */
  text?: string
  operations?: readonly LedgerOperation[]
}

export type Endpoint = (ask: Ask) => Reply

/** `Prefer`, each preference by its name without `odata.` before it. */
export function preferencesOf(headers: Headers): Map<string, string> {
  const parts = (headers.get('prefer') ?? '').split(/[,;]/).map((part) => part.trim())
  return new Map(
    parts.filter(Boolean).map((part) => {
      const [name = '', value = 'true'] = part.split('=')
      return [name.toLowerCase().replace(/^odata\./, ''), value.replace(/^"|"$/g, '')]
    }),
  )
}

/** Decimals are text (OData JSON Format 4.01, section 3.2). */
export function isExact(mediaType: string | null): boolean {
  return /IEEE754Compatible=true/i.test(mediaType ?? '')
}
