/**
 * A server of one address book, by CardDAV (RFC 6352) with collection synchronisation (RFC 6578), over HTTP and in memory. It is kind in its conditional writes and in telling of deletions; it forgets sync
 * tokens, cuts pages short, knows nothing of fields, and can be told to keep cards in its own way, as many such servers do: then a write is answered without an ETag.
 */
import type { IncomingMessage } from 'node:http'
import { type Answer, HttpStand } from './http-stand.ts'

/** Bytes of one card. */
export const CARD_BYTES_MAX = 65_536
/** Cards in a page of a sync report that names no limit. */
const PAGE_MEMBERS_MAX = 500

interface Member {
  name: string
  /** Undefined once it is deleted. */
  text: string | undefined
  etag: string
  /** Its place in the order of all changes. */
  change: number
}

export class AddressBook extends HttpStand {
  readonly members = new Map<string, Member>()
  password = 'correct horse'
  #changes = 0
  /** Tokens of another era are forgotten. */
  #era = 1
  readonly #rewrites: boolean

  constructor({ rewrites = false } = {}) {
    super()
    this.#rewrites = rewrites
  }

  /** @returns the address of the book */
  override async open(): Promise<string> {
    return `${await super.open()}/book`
  }

  forgetTokens(): void {
    this.#era += 1
  }

  /** Undefined deletes. */
  put(name: string, text: string | undefined): Member {
    this.#changes += 1
    const kept = this.#rewrites ? text?.replace('END:VCARD', `X-KEPT:${this.#changes}\r\nEND:VCARD`) : text
    const member = { name, text: kept, etag: `"${this.#changes}"`, change: this.#changes }
    this.members.set(name, member)
    return member
  }

  protected answer({ method = '', url = '', headers }: IncomingMessage, body: string): Answer {
    const expected = `Basic ${Buffer.from(`us:${this.password}`).toString('base64')}`
    if (headers.authorization !== expected)
      return { status: 401, headers: { 'www-authenticate': 'Basic' }, body: 'who are you?' }
    const [, encoded] = /^\/book\/([^/?]*)$/.exec(url) ?? []
    if (encoded === undefined) return { status: 404 }
    if (encoded === '') return this.#book(method, body)
    const name = decodeURIComponent(encoded)
    const member = this.members.get(name)
    const etag = member?.text === undefined ? undefined : member.etag
    const wanted = headers['if-match']
    if (wanted !== undefined && !(wanted === '*' && etag) && wanted !== etag) return { status: 412 }
    if (headers['if-none-match'] === '*' && etag !== undefined) return { status: 412 }
    if (method === 'PUT') return this.#store(name, body, etag === undefined)
    if (etag === undefined) return { status: 404 }
    if (method === 'GET')
      return { status: 200, headers: { etag, 'content-type': 'text/vcard' }, body: member!.text! }
    if (method !== 'DELETE') return { status: 405 }
    this.put(name, undefined)
    return { status: 204 }
  }

  #store(name: string, text: string, isNew: boolean): Answer {
    if (Buffer.byteLength(text) > CARD_BYTES_MAX) return refusal('C:max-resource-size')
    if (!/^BEGIN:VCARD\r\nVERSION:4.0\r\n(.*\r\n)*END:VCARD\r\n$/.test(text))
      return refusal('C:supported-address-data')
    if (!/\r\nFN[:;]/.test(text)) return refusal('C:valid-address-data', 'a card wants an FN')
    const uid = uidOf(text)
    const twin = [...this.members.values()].find(
      (other) => uid !== undefined && other.name !== name && other.text && uidOf(other.text) === uid,
    )
    if (twin) return refusal('C:no-uid-conflict', twin.name)
    const { etag } = this.put(name, text)
    return { status: isNew ? 201 : 204, ...(!this.#rewrites && { headers: { etag } }) }
  }

  #book(method: string, body: string): Answer {
    if (method === 'PROPFIND')
      return multistatus([found('/book/', `<D:sync-token>${this.#token(this.#changes)}</D:sync-token>`)])
    if (method !== 'REPORT') return { status: 405 }
    return body.includes('sync-collection') ? this.#sync(body) : this.#multiget(body)
  }

  #sync(body: string): Answer {
    const token = /<D:sync-token>(.*?)<\/D:sync-token>/.exec(body)?.[1] ?? ''
    const era = this.#token('')
    if (token !== '' && !token.startsWith(era)) return refusal('D:valid-sync-token')
    const since = token === '' ? 0 : Number(token.slice(era.length))
    const limit = Number(/<D:nresults>(\d+)<\/D:nresults>/.exec(body)?.[1] ?? PAGE_MEMBERS_MAX)
    const changed = [...this.members.values()]
      .filter(({ change, text }) => change > since && (token !== '' || text !== undefined))
      .sort((one, other) => one.change - other.change)
    const page = changed.slice(0, limit)
    const isCut = page.length < changed.length
    return multistatus(
      [
        ...page.map(({ name, text, etag }) =>
          text === undefined
            ? status(hrefOf(name), 404)
            : found(hrefOf(name), `<D:getetag>${etag}</D:getetag>`),
        ),
        ...(isCut ? [status('/book/', 507)] : []),
      ],
      this.#token(isCut ? page.at(-1)!.change : this.#changes),
    )
  }

  #multiget(body: string): Answer {
    const hrefs = [...body.matchAll(/<D:href>(.*?)<\/D:href>/g)].map(([, href]) => href!)
    return multistatus(
      hrefs.map((href) => {
        const member = this.members.get(decodeURIComponent(href.slice('/book/'.length)))
        if (member?.text === undefined) return status(href, 404)
        const data = escaped(member.text)
        return found(href, `<D:getetag>${member.etag}</D:getetag><C:address-data>${data}</C:address-data>`)
      }),
    )
  }

  #token(change: number | ''): string {
    return `http://book.example/sync/${this.#era}/${change}`
  }
}

function multistatus(responses: string[], token?: string): Answer {
  const last = token === undefined ? '' : `<D:sync-token>${token}</D:sync-token>`
  return {
    status: 207,
    headers: { 'content-type': 'application/xml' },
    body: `<?xml version="1.0"?><D:multistatus ${spaces}>${responses.join('')}${last}</D:multistatus>`,
  }
}

const spaces = 'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav"'

function refusal(precondition: string, words = ''): Answer {
  const body = `<?xml version="1.0"?><D:error ${spaces}><${precondition}>${words}</${precondition}></D:error>`
  return { status: 403, headers: { 'content-type': 'application/xml' }, body }
}

function found(href: string, props: string): string {
  return `<D:response><D:href>${href}</D:href><D:propstat><D:prop>${props}</D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>`
}

function status(href: string, code: number): string {
  return `<D:response><D:href>${href}</D:href><D:status>HTTP/1.1 ${code} See there</D:status></D:response>`
}

function hrefOf(name: string): string {
  return `/book/${encodeURIComponent(name)}`
}

function uidOf(text: string): string | undefined {
  return /^UID:(.*)$/m.exec(text)?.[1]
}

function escaped(text: string): string {
  return text.replace(/[<>&\r]/g, (char) => `&#${char.charCodeAt(0)};`)
}
