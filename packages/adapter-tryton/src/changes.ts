/** What changed, stage by stage: rows written, rows only created, and rows whose lines were (SPEC TR-30 to TR-32, TR-34). */
import type { Call, ChangesAnswer, Failure } from '@skerry/bridge'
import type { Json } from '@skerry/core'
import { behind, momentOf, readPosition, rewound, type StagePosition, writePosition } from './position.ts'
import { type Found, type Reader, withInactive } from './reader.ts'
import { type Raw, rowOf } from './rows.ts'
import type { LineModel, Shape } from './shape.ts'
import { decoded, encoded } from './values.ts'

interface Stage {
  name: string
  date: 'write_date' | 'create_date'
  /** Absent: rows of the model itself. */
  line?: LineModel
}

interface StagePage {
  kind: 'page'
  rows: Raw[]
  stage: StagePosition
  ended: boolean
}

export class Changes {
  readonly #reader: Reader
  readonly #overlapMs: number

  constructor(reader: Reader, overlapMs: number) {
    this.#reader = reader
    this.#overlapMs = overlapMs
  }

  async page(shape: Shape, text: string | undefined, limit: number, call: Call): Promise<ChangesAnswer> {
    const stages = stagesOf(shape)
    const position = readPosition(
      text,
      stages.map(({ name }) => name),
    )
    if (!position) return { kind: 'expired' }
    for (;;) {
      const { at } = position
      const page = await this.#stage(shape, stages[at]!, position.stages[at]!, limit, call)
      if (page.kind !== 'page') return page
      position.stages[at] = page.stage
      const complete = page.ended && at === stages.length - 1
      if (page.ended) position.at = complete ? 0 : at + 1
      // A stage at which nothing happened costs no page of its own.
      if (page.rows.length === 0 && !complete) continue
      const rows = page.rows.map((raw) => rowOf(shape, raw))
      return { kind: 'page', rows, next: writePosition(position), complete }
    }
  }

  async #stage(
    shape: Shape,
    stage: Stage,
    position: StagePosition,
    limit: number,
    call: Call,
  ): Promise<StagePage | Failure> {
    const found = await this.#dated(shape, stage, position, limit, call)
    if (found.kind !== 'rows') return found
    const last = found.rows.at(-1)
    const moment = last && momentIn(last, stage.date)
    const began = momentOf(found.at)
    const ended = found.rows.length < limit
    const next =
      last && moment !== undefined && !ended
        ? behind(position, { moment, id: last.id }, began)
        : rewound(position, moment, began, this.#overlapMs)
    if (!stage.line) return { kind: 'page', rows: found.rows, stage: next, ended }
    const parents = await this.#parents(shape, stage.line, found.rows, call)
    return parents.kind === 'rows' ? { kind: 'page', rows: parents.rows, stage: next, ended } : parents
  }

  /** Rows, or lines, by time and id from where the stage stands. */
  #dated(
    shape: Shape,
    { date, line }: Stage,
    { since, after }: StagePosition,
    limit: number,
    call: Call,
  ): Promise<Found<Raw>> {
    const domain: Json[] = date === 'create_date' ? [['write_date', '=', null]] : [['write_date', '!=', null]]
    if (since !== null) domain.push(from(date, since, after))
    const order = [
      [date, 'ASC'],
      ['id', 'ASC'],
    ] as const
    if (!line)
      return this.#reader.rows(
        shape,
        { domain: [...domain, ...domainOf(shape)], limit, order, also: [date] },
        call,
      )
    const whole = line.hasActive ? withInactive(domain) : domain
    const fields = [date, line.parent]
    return this.#reader.others(line.model, { domain: whole, limit, order, fields }, call)
  }

  async #parents(
    shape: Shape,
    { parent }: LineModel,
    lines: readonly Raw[],
    call: Call,
  ): Promise<Found<Raw>> {
    const ids = [...new Set(lines.map((line) => line[parent]).filter((id) => typeof id === 'number'))]
    if (ids.length === 0) return { kind: 'rows', rows: [], at: 0 }
    return this.#reader.rows(shape, { domain: [['id', 'in', ids], ...domainOf(shape)] }, call)
  }
}

export function domainOf({ config }: Shape): readonly Json[] {
  return config.domain ? [config.domain] : []
}

function stagesOf({ lineModels }: Shape): Stage[] {
  const dates = ['write_date', 'create_date'] as const
  const own = dates.map((date) => ({ name: date, date }))
  const ofLines = lineModels.flatMap((line) =>
    dates.map((date) => ({ name: `${line.name}.${date}`, date, line })),
  )
  return [...own, ...ofLines]
}

/** This time and later, or behind the row of this time and id. */
function from(date: string, since: string, after: number | undefined): Json {
  const moment = encoded({ name: date, type: 'timestamp' }, `${since}Z`)
  if (after === undefined) return [date, '>=', moment]
  return [
    'OR',
    [date, '>', moment],
    [
      [date, '=', moment],
      ['id', '>', after],
    ],
  ]
}

/** With all six digits, so that moments are ordered as texts. */
function momentIn(raw: Raw, date: string): string {
  const text = String(decoded(raw[date])).replace(/Z$/, '')
  return text.includes('.') ? text : `${text}.000000`
}
