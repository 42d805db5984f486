/**
 * The adapter for an address book on a CardDAV server. A row is a card, its id the name of its resource, and its external id that name without `.vcf`: whoever makes a card chooses it. A card is written
 * whole, so that a change reads it first, and is carried out only if it is still that one.
 */
import type * as port from '@skerry/bridge'
import { type Card, cardText, cardValue, impossible, newCard, parseCard, withFields } from './card.ts'
import {
  type BookOptions,
  DavClient,
  failureOf,
  isExpired,
  multistatusIn,
  writeFailureOf,
} from './dav-client.ts'
import { xml } from './multistatus.ts'

/** Cards that one request asks for: a hundred of the usual largest (100 kB) are less than an answer may have. */
const READS_MAX = 100
/** The version of a card that is deleted; an ETag has quotes. */
const GONE = 'gone'
const SUFFIX = '.vcf'

type Found = { kind: 'row'; row: port.ExternalRow; card: Card } | { kind: 'absent' } | port.Failure

function rowOf(id: string, version: string, card: Card): port.ExternalRow {
  return { type: 'cards', id, externalId: externalIdOf(id), version, deleted: false, value: cardValue(card) }
}

function goneRow(id: string): port.ExternalRow {
  return { type: 'cards', id, externalId: externalIdOf(id), version: GONE, deleted: true, value: {} }
}

function externalIdOf(id: string): string | undefined {
  return id.endsWith(SUFFIX) ? id.slice(0, -SUFFIX.length) : undefined
}

/** A failure to look before writing: nothing was written yet. */
function unwritten(failure: port.Failure): port.Failure {
  return failure.kind === 'unknown' ? { ...failure, kind: 'later' } : failure
}

type SyncPage = { kind: 'page'; cards: { id: string; version: string }[]; next: string; complete: boolean }

export class AddressBookAdapter implements port.Adapter {
  readonly name = 'address book'
  readonly capabilities = {
    compareAndSet: true,
    replayMs: 0,
    freshListing: true,
    batch: { writesMax: 1, readsMax: READS_MAX },
  } as const
  readonly #dav: DavClient

  constructor(options: BookOptions) {
    this.#dav = new DavClient(options)
  }

  async check(call: port.Call): Promise<{ kind: 'ok' } | port.Failure> {
    const latest = await this.latest('cards', call)
    return latest.kind === 'position' ? { kind: 'ok' } : latest
  }

  async latest(_: string, call: port.Call): Promise<port.LatestAnswer> {
    const answer = await this.#dav.ask(
      call,
      'PROPFIND',
      0,
      '<D:propfind xmlns:D="DAV:"><D:prop><D:sync-token/></D:prop></D:propfind>',
    )
    const position = multistatusIn(answer)?.members[0]?.props['sync-token']
    return position ? { kind: 'position', position } : failureOf(answer)
  }

  async read(
    _: string,
    key: { id: string } | { externalId: string },
    call: port.Call,
  ): Promise<port.ReadAnswer> {
    const found = await this.#find('id' in key ? key.id : key.externalId + SUFFIX, call)
    return found.kind === 'row' ? { kind: 'row', row: found.row } : found
  }

  async readMany(_: string, ids: readonly string[], call: port.Call): Promise<port.ReadAnswer[]> {
    const answers: port.ReadAnswer[] = []
    for (let at = 0; at < ids.length; at += READS_MAX)
      answers.push(...(await this.#readSome(ids.slice(at, at + READS_MAX), call)))
    return answers
  }

  async changes(
    _: string,
    position: string | undefined,
    limit: number,
    call: port.Call,
  ): Promise<port.ChangesAnswer> {
    const page = await this.#sync(position, limit, call)
    if (page.kind !== 'page') return page
    const { cards, next, complete } = page
    const rows = cards.filter(({ version }) => version === GONE).map(({ id }) => goneRow(id))
    const living = cards.filter(({ version }) => version !== GONE).map(({ id }) => id)
    for (const answer of await this.readMany('cards', living, call)) {
      if (answer.kind === 'row') rows.push(answer.row)
      // One that was deleted meanwhile is told of behind `next`.
      else if (answer.kind !== 'absent') return answer
    }
    return { kind: 'page', rows, next, complete }
  }

  /** A report without a token has every card; one that is edited meanwhile comes again further on, one that is deleted is told of. */
  async list(
    _: string,
    position: string | undefined,
    limit: number,
    call: port.Call,
  ): Promise<port.ListAnswer> {
    const page = await this.#sync(position, limit, call)
    if (page.kind !== 'page') return page
    const rows = page.cards.map(({ id, version }) => {
      return { id, externalId: externalIdOf(id), version, deleted: version === GONE }
    })
    return { kind: 'page', rows, next: page.next, complete: page.complete, proves: true }
  }

  async upsert(_: string, request: port.UpsertRequest, call: port.Call): Promise<port.WriteAnswer> {
    const { externalId, id = externalId + SUFFIX, fields, expectedVersion, restore } = request
    const refused = impossible(fields)
    if (refused.length > 0)
      return { kind: 'rejected', reason: `a card cannot have this as ${refused.join(', ')}`, fields: refused }
    const mayMake = request.id === undefined || restore
    const made = () => this.#put(id, withFields(newCard(externalId), fields), undefined, call)
    if (mayMake && expectedVersion === null) return made()
    const found = await this.#find(id, call)
    if (found.kind === 'absent') return mayMake ? made() : { kind: 'conflict', row: goneRow(id) }
    if (found.kind !== 'row') return unwritten(found)
    const { row, card } = found
    if (expectedVersion !== undefined && expectedVersion !== row.version) return { kind: 'conflict', row }
    return this.#put(id, withFields(card, fields), row.version, call)
  }

  async delete(
    _: string,
    { id, expectedVersion }: port.DeleteRequest,
    call: port.Call,
  ): Promise<port.WriteAnswer> {
    const headers = expectedVersion === undefined ? {} : { 'if-match': expectedVersion }
    const answer = await this.#dav.card(call, id, { method: 'DELETE', headers })
    const status = answer.kind === 'answer' ? answer.status : 0
    if ([200, 204, 404].includes(status)) return { kind: 'done', row: goneRow(id) }
    if (status !== 412) return writeFailureOf(answer)
    const found = await this.#find(id, call)
    if (found.kind === 'row') return { kind: 'conflict', row: found.row }
    return found.kind === 'absent' ? { kind: 'done', row: goneRow(id) } : unwritten(found)
  }

  /** @param version what is replaced; undefined: there must be no such card */
  async #put(
    id: string,
    card: Card,
    version: string | undefined,
    call: port.Call,
  ): Promise<port.WriteAnswer> {
    const answer = await this.#dav.card(call, id, {
      method: 'PUT',
      headers: {
        'content-type': 'text/vcard; charset=utf-8',
        ...(version === undefined ? { 'if-none-match': '*' } : { 'if-match': version }),
      },
      body: cardText(card),
    })
    if (answer.kind !== 'answer') return writeFailureOf(answer)
    const { status, headers } = answer
    if (status === 412) return this.#overtaken(id, version, call)
    if (status !== 201 && status !== 204) return writeFailureOf(answer)
    // Only a server that keeps the card just as it was sent names its version (RFC 6352, section 6.3.2.3).
    const etag = headers.get('etag')
    if (etag) return { kind: 'done', row: rowOf(id, etag, card) }
    const found = await this.#find(id, call)
    if (found.kind === 'row') return { kind: 'done', row: found.row }
    return {
      kind: 'unknown',
      reason: found.kind === 'absent' ? 'written, and gone when it was read' : found.reason,
    }
  }

  async #overtaken(id: string, version: string | undefined, call: port.Call): Promise<port.WriteAnswer> {
    const found = await this.#find(id, call)
    if (found.kind === 'row') return { kind: 'conflict', row: found.row }
    if (found.kind !== 'absent') return unwritten(found)
    if (version !== undefined) return { kind: 'conflict', row: goneRow(id) }
    return { kind: 'later', reason: 'the card was there, and was deleted meanwhile' }
  }

  async #find(id: string, call: port.Call): Promise<Found> {
    const answer = await this.#dav.card(call, id, { method: 'GET', headers: { accept: 'text/vcard' } })
    if (answer.kind !== 'answer') return failureOf(answer)
    if (answer.status === 404) return { kind: 'absent' }
    const version = answer.headers.get('etag')
    const card = answer.status === 200 ? parseCard(answer.body) : undefined
    return version && card ? { kind: 'row', row: rowOf(id, version, card), card } : failureOf(answer)
  }

  async #readSome(ids: readonly string[], call: port.Call): Promise<port.ReadAnswer[]> {
    const hrefs = ids.map((id) => `<D:href>${xml(this.#dav.hrefOf(id))}</D:href>`).join('')
    const answer = await this.#dav.ask(
      call,
      'REPORT',
      1,
      `<C:addressbook-multiget xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav"><D:prop><D:getetag/><C:address-data/></D:prop>${hrefs}</C:addressbook-multiget>`,
    )
    const members = new Map(multistatusIn(answer)?.members.map((member) => [member.name, member]))
    return ids.map((id) => {
      const { status, props } = members.get(id) ?? {}
      if (status === 404) return { kind: 'absent' }
      const card = parseCard(props?.['address-data'] ?? '')
      return props?.getetag && card ? { kind: 'row', row: rowOf(id, props.getetag, card) } : failureOf(answer)
    })
  }

  async #sync(
    position: string | undefined,
    limit: number,
    call: port.Call,
  ): Promise<SyncPage | { kind: 'expired' } | port.Failure> {
    // A token is an address (RFC 6578, section 6.2).
    if (position !== undefined && !URL.canParse(position)) return { kind: 'expired' }
    const answer = await this.#dav.ask(
      call,
      'REPORT',
      0,
      `<D:sync-collection xmlns:D="DAV:"><D:sync-token>${xml(position ?? '')}</D:sync-token><D:sync-level>1</D:sync-level><D:limit><D:nresults>${limit}</D:nresults></D:limit><D:prop><D:getetag/></D:prop></D:sync-collection>`,
    )
    if (isExpired(answer)) return { kind: 'expired' }
    const { members = [], syncToken } = multistatusIn(answer) ?? {}
    if (!syncToken) return failureOf(answer)
    const cards = members.flatMap(({ name, status, props: { getetag } }) => {
      const version = status === 404 ? GONE : getetag
      return name === undefined || version === undefined ? [] : [{ id: name, version }]
    })
    // The book itself is among them when the page was cut short.
    const complete = !members.some(({ status }) => status === 507)
    return { kind: 'page', cards, next: syncToken, complete }
  }
}
