/** `skerry review`: conflicts that wait for a person, listed and decided at a running node. */
import type { Review } from '@skerry/bridge'
import type { Json } from '@skerry/core'
import { CliError } from './cli-error.ts'
import { noteNotRunning } from './not-running.ts'
import { type AtNode, askNode, withQuery } from './operator/ask-node.ts'
import type { Resolved, ReviewsOfSystem } from './operator/routes-reviews.ts'
import { printable, table } from './table.ts'
import type { Terminal } from './terminal.ts'

export interface ListOptions extends AtNode {
  record?: string
  after?: string
  /** Records. */
  limit: number
}

export type Side = 'ours' | 'theirs'

export interface ResolveOptions extends AtNode {
  /** JSON text. */
  value?: string
  by?: string
}

export async function list(options: ListOptions, terminal: Terminal): Promise<void> {
  const { system, record, after, limit } = options
  const path = withQuery('/v1/reviews', { system, record, after, limit })
  const { systems } = (await askNode(options, terminal, 'GET', path)) as { systems: ReviewsOfSystem[] }
  if (options.json) {
    terminal.print(JSON.stringify(systems))
    return
  }
  noteNotRunning(systems, terminal)
  const texts = systems.flatMap((one) => one.reviews.map((review) => described(one.system, review)))
  terminal.print(texts.length === 0 ? 'nothing is under review' : texts.join('\n\n'))
  for (const { system: name, goOnAfter } of systems)
    if (goOnAfter !== undefined)
      terminal.note(`${name}: there are more; --system ${name} --after ${printable(goOnAfter)} shows them`)
}

/** Heading, reason, and a row for each value. */
function described(system: string, review: Review): string {
  const { record, field, version, reason, since, agreed, ours, theirs } = review
  const heading = `${record}  ${field || '(the whole record)'}  ${version}`
  const others = Object.entries(review.systems).filter(([name]) => name !== system)
  const rows = [
    row('agreed', agreed),
    row('ours', ours, review.oursAt, review.oursBy),
    row('theirs', theirs, review.theirsAt, review.theirsBy),
    ...others.map(([name, value]) => row(`in ${name}`, value)),
  ]
  const about = `  ${system}, since ${new Date(since).toISOString()}: ${reason}`
  const values = table(['', 'value', 'when', 'by'], rows).replaceAll(/^/gm, '  ')
  return [printable(heading), printable(about), values].join('\n')
}

function row(side: string, value: Json, at?: number, by = ''): string[] {
  return [side, JSON.stringify(value), at === undefined ? '' : new Date(at).toISOString(), by]
}

export async function resolve(
  [record, version, side]: readonly [record: string, version: string, side: Side | undefined],
  options: ResolveOptions,
  terminal: Terminal,
): Promise<void> {
  const { system, value, by } = options
  if ((side === undefined) === (value === undefined))
    throw new CliError('usage', 'decide for ours, for theirs, or for another --value: one of the three')
  const decision = value === undefined ? side : { value: parsed(value) }
  const body = { system, record, version, decision, by }
  const resolved = (await askNode(options, terminal, 'POST', '/v1/reviews/resolve', body)) as Resolved
  const { system: at, field } = resolved
  terminal.print(
    options.json
      ? JSON.stringify(resolved)
      : `decided ${printable(record)} ${printable(field || '(the whole record)')} of ${at}: ${side ?? value}`,
  )
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch (cause) {
    throw new CliError('usage', `--value ${text.slice(0, 80)}: want JSON, a text in quotes: '"Portland"'`, {
      cause,
    })
  }
}
