/** What a resource of the API is: a synchronous function from what is asked to a reply, which may throw a Refusal. The same for a call of its own and for a part of a Composite. */
import type { LedgerOperation } from '../../ledger/entry.ts'
import type { Author } from '../rows/row.ts'
import type { SalesforceWorld } from '../world.ts'

export type Ask = {
  world: SalesforceWorld
  method: string
  /** Parts of the address, decoded. */
  param: (name: string) => string
  query: URLSearchParams
  headers: Headers
  /** @throws Refusal JSON_PARSER_ERROR */
  json: () => unknown
  text: () => string
  version: number
  /** `/services/data/v60.0` */
  base: string
  author: Author
  /** Asks another resource, as a part of this call; a refusal is a reply too. */
  dispatch: (asked: Asked) => Reply
}

export type Asked = Pick<Ask, 'method' | 'headers' | 'json' | 'text' | 'author'> & {
  /** From `/services/data/` on, with the query. */
  url: string
}

export type Reply = {
  status: number
  headers?: Record<string, string>
  /** As JSON. */
  body?: unknown
  /** As it is, CSV. */
  text?: string
  operations?: readonly LedgerOperation[]
}

export type Endpoint = (ask: Ask) => Reply
