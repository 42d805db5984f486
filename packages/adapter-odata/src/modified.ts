/**
 * What changed, in the order of (time of the last change, key): ties are told by their keys, and a pass reaches back behind the beginning of the one before it, because a transaction shows its rows late, with an older
 * time (SPEC OD-11, OD-12).
 */
import type { Call, ChangesAnswer } from '@skerry/bridge'
import { allOf, keyLiteral, queryOf, selectOf, timeLiteral } from './address.ts'
import type { Client, Told } from './client.ts'
import type { Typed } from './config.ts'
import { PAGE_ROWS_MAX } from './limits.ts'
import { isTime, type Position, readPosition, writePosition } from './position.ts'
import type { Reader } from './reader.ts'
import { pageOf } from './rows.ts'

type At = Position<'modified'>

export class Modified {
  readonly #client: Client
  readonly #reader: Reader

  constructor(client: Client, reader: Reader) {
    this.#client = client
    this.#reader = reader
  }

  async changes(type: Typed, text: string | undefined, limit: number, call: Call): Promise<ChangesAnswer> {
    const given =
      text === undefined ? { kind: 'modified' as const, since: 0 } : readPosition('modified', text)
    if (!given || (given.at && keyLiteral(type, given.at.id) === undefined)) return { kind: 'expired' }
    const most = Math.min(limit, PAGE_ROWS_MAX)
    const { now } = this.#client.config
    const before = now()
    const told = await this.#client.send({ method: 'GET', path: pathOf(type, given, most) }, call)
    if (told.kind !== 'told') return told
    // What time it is there is known once it has answered; it was that much earlier when it was asked.
    const startedAt = given.startedAt ?? Math.max(0, this.#client.clock.now() - (now() - before))
    return this.#page(type, { ...given, startedAt }, most, told)
  }

  #page(type: Typed, position: At & { startedAt: number }, most: number, told: Told): ChangesAnswer {
    if (told.meaning !== 'done') return this.#client.failure(told)
    const page = pageOf(told.body)
    if (!page) return this.#unreadable(told, 'it is no page')
    const rows = this.#reader.rowsIn(type, told, page.records)
    if (!Array.isArray(rows)) return rows
    const last = rows.at(-1)
    // A service gives fewer rows than it was asked for where that is its page.
    if (rows.length < most && page.nextLink === undefined)
      return { kind: 'page', rows, next: writePosition(this.#next(position)), complete: true }
    const time = page.records.at(-1)?.[type.modified ?? '']
    if (!last || !isTime(time)) return this.#unreadable(told, `its last row has no ${type.modified}`)
    const next = writePosition({ ...position, at: { time, id: last.id } })
    return { kind: 'page', rows: rows.slice(0, most), next, complete: false }
  }

  #next({ since, startedAt }: At & { startedAt: number }): At {
    const reachesBack = startedAt - this.#client.config.overlapMs
    return { kind: 'modified', since: Math.max(since, reachesBack) }
  }

  #unreadable({ about }: Told, why: string): ChangesAnswer {
    return { kind: 'unknown', reason: `${about}: the answer holds no rows that can be listed on: ${why}` }
  }
}

function pathOf(type: Typed, { since, at }: At, most: number): string {
  const { key, modified = '' } = type
  const from = at
    ? [
        `${modified} gt ${timeLiteral(at.time)} or (${modified} eq ${timeLiteral(at.time)} and ${key} gt ${keyLiteral(type, at.id)})`,
      ]
    : since > 0
      ? [`${modified} ge ${timeLiteral(since)}`]
      : []
  const filter = allOf(type, ...from)
  return `/${type.set}${queryOf({ select: selectOf(type), filter, orderby: `${modified},${key}`, top: most })}`
}
