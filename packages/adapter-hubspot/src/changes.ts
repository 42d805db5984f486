/**
 * What changed (SPEC HS-10 to HS-13):
 *
 *   first pass:  all that lives ── page ── … ── complete
 *   any other:   search ── page ── … ── (archived rows, once in a while ── page ── …) ── complete
 */
import type { Call, ChangesAnswer, ExternalRow } from '@skerry/bridge'
import { changedIds } from './changed-ids.ts'
import type { Client } from './client.ts'
import type { Definitions, KnownType } from './definitions.ts'
import { ARCHIVED_KEPT_MS } from './limits.ts'
import { type Position, readPosition, writePosition } from './position.ts'
import type { Reader } from './reader.ts'
import { deletedRow, type ReadRow } from './rows.ts'

interface Asked {
  known: KnownType
  limit: number
  call: Call
}

type Pass = Position & { startedAt: number }

export class Changes {
  readonly #client: Client
  readonly #reader: Reader
  readonly #definitions: Definitions

  constructor(client: Client, reader: Reader, definitions: Definitions) {
    this.#client = client
    this.#reader = reader
    this.#definitions = definitions
  }

  async changes(type: string, text: string | undefined, limit: number, call: Call): Promise<ChangesAnswer> {
    const known = await this.#definitions.of(type, call)
    if (known.kind !== 'type') return known
    // An answer was heard by now, and with it what time it is there.
    const now = this.#client.clock.now()
    const position = text === undefined ? firstOf(now) : readPosition(text)
    if (position === undefined || now - position.archivedSince > ARCHIVED_KEPT_MS) return { kind: 'expired' }
    const asked = { known, limit, call }
    if (position.merged) return page(asked, [], position)
    const pass = { ...position, startedAt: position.startedAt ?? now }
    switch (pass.part?.kind) {
      case 'all':
        return this.#all(asked, pass, pass.part.after)
      case 'archived':
        return this.#archived(asked, pass, pass.part.after)
      default:
        return this.#changed(asked, pass, pass.part ?? { time: pass.since })
    }
  }

  async #all(asked: Asked, pass: Pass, after: string): Promise<ChangesAnswer> {
    const { known, limit, call } = asked
    const listed = await this.#reader.page(known, { after, limit }, call)
    if (listed.kind !== 'rows') return listed
    if (listed.after !== undefined)
      return page(asked, listed.rows, { ...pass, part: { kind: 'all', after: listed.after } })
    return page(asked, listed.rows, this.#ended(pass))
  }

  async #changed(
    asked: Asked,
    pass: Pass,
    place: { time: number; id?: string | undefined },
  ): Promise<ChangesAnswer> {
    const { known, limit, call } = asked
    const found = await changedIds(this.#client, known, place, limit, call)
    if (found.kind !== 'ids') return found
    const rows = await this.#reader.many(known, found.ids, call)
    if (!Array.isArray(rows)) return rows
    if (found.next) return page(asked, rows, { ...pass, part: { kind: 'search', ...found.next } })
    const { archivedEveryMs } = this.#client.config
    if (pass.startedAt - pass.archivedAt < archivedEveryMs) return page(asked, rows, this.#ended(pass))
    return page(asked, rows, { ...pass, part: { kind: 'archived', after: '' } })
  }

  async #archived(asked: Asked, pass: Pass, after: string): Promise<ChangesAnswer> {
    const { known, limit, call } = asked
    const listed = await this.#reader.page(known, { after, limit, archived: true }, call)
    if (listed.kind !== 'rows') return listed
    const news = listed.rows.filter(({ archivedAt }) => (archivedAt ?? pass.startedAt) >= pass.archivedSince)
    if (listed.after !== undefined)
      return page(asked, news, { ...pass, part: { kind: 'archived', after: listed.after } })
    const archived = { archivedSince: this.#back(pass.startedAt), archivedAt: pass.startedAt }
    return page(asked, news, { ...this.#ended(pass), ...archived })
  }

  /** The next pass reaches back behind the beginning of this one: what the index did not show yet was done within the overlap. */
  #ended({ kind, since, startedAt, archivedSince, archivedAt }: Pass): Position {
    return { kind, since: Math.max(since, this.#back(startedAt)), archivedSince, archivedAt }
  }

  #back(time: number): number {
    return Math.max(0, time - this.#client.config.overlapMs)
  }
}

function firstOf(now: number): Position {
  return { kind: 'changes', since: 0, archivedSince: now, archivedAt: now, part: { kind: 'all', after: '' } }
}

/** The rows, and what was merged into them as deleted; as much as fits. A position without a beginning of its pass is that of its end. */
function page(
  { known, limit }: Asked,
  read: readonly ReadRow[],
  { merged = [], ...next }: Position,
): ChangesAnswer {
  const rows: ExternalRow[] = read.map(({ row }) => row)
  const told = new Set(rows.map(({ id }) => id))
  const gone = [...new Set([...merged, ...read.flatMap(({ mergedIds }) => mergedIds)])].filter(
    (id) => !told.has(id),
  )
  const room = Math.max(0, limit - rows.length)
  rows.push(...gone.slice(0, room).map((id) => deletedRow(known.type, id)))
  const left = gone.slice(room)
  const position = left.length > 0 ? { ...next, merged: left } : next
  const complete = left.length === 0 && next.startedAt === undefined
  return { kind: 'page', rows, next: writePosition(position), complete }
}
