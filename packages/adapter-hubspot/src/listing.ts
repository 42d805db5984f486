/** Every row there is, by id: first those that are archived, then those that live (SPEC HS-14). */
import type { Call, ListAnswer } from '@skerry/bridge'
import type { Definitions } from './definitions.ts'
import { readListPosition, writeListPosition } from './position.ts'
import type { Reader } from './reader.ts'

export class Listing {
  readonly #reader: Reader
  readonly #definitions: Definitions

  constructor(reader: Reader, definitions: Definitions) {
    this.#reader = reader
    this.#definitions = definitions
  }

  async list(type: string, text: string | undefined, limit: number, call: Call): Promise<ListAnswer> {
    const position = text === undefined ? { archived: true, after: '' } : readListPosition(text)
    if (position === undefined) return { kind: 'expired' }
    const known = await this.#definitions.of(type, call)
    if (known.kind !== 'type') return known
    const page = await this.#reader.page(known, { ...position, limit }, call)
    if (page.kind !== 'rows') return page
    const { archived } = position
    const next = page.after === undefined ? { archived: false, after: '' } : { archived, after: page.after }
    return {
      kind: 'page',
      rows: page.rows.map(({ row }) => {
        const { id, externalId, version, deleted } = row
        return { id, externalId, version, deleted, row }
      }),
      next: writeListPosition(next),
      complete: page.after === undefined && !archived,
      proves: true,
    }
  }
}
