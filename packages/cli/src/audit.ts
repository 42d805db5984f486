/** `skerry audit`: whether the log is whole, where a value comes from, what is cut off and erased; asked of a running node. */
import type { Lineage, UnreadRow } from '@skerry/bridge'
import { CliError } from './cli-error.ts'
import { noteNotRunning } from './not-running.ts'
import { type AtNode, askNode, withQuery } from './operator/ask-node.ts'
import type { CutOfSystem, VerdictOfSystem } from './operator/routes-audit.ts'
import { printable, table } from './table.ts'
import type { Terminal } from './terminal.ts'

export interface VerifyOptions extends AtNode {
  noted?: string
}

export interface WhyOptions extends AtNode {
  row?: boolean
}

export interface CutOptions extends AtNode {
  /** Days. */
  olderThan: number
  by?: string
}

export interface EraseOptions extends AtNode {
  by?: string
}

/** @throws CliError `failure` that names the first link that is broken, or says that no log could be looked at */
export async function verify(options: VerifyOptions, terminal: Terminal): Promise<void> {
  const path = withQuery('/v1/audit/verify', { system: options.system, noted: options.noted })
  const { systems } = (await askNode(options, terminal, 'GET', path)) as { systems: VerdictOfSystem[] }
  if (options.json) terminal.print(JSON.stringify(systems))
  else noteNotRunning(systems, terminal)
  const broken: string[] = []
  for (const { system, verdict } of systems) {
    if (!verdict) continue
    const { entries, seal, head, problem } = verdict
    if (problem !== undefined) broken.push(`${system}: ${problem}`)
    if (options.json || problem !== undefined) continue
    const cut = seal.n > 0 ? `, after ${seal.n} that were cut off` : ''
    terminal.print(`${system}: whole, ${entries} entries${cut}; the newest is ${head.n}:${head.hash}`)
  }
  if (broken.length > 0) throw new CliError('failure', broken.join('\n'))
  if (!systems.some(({ running }) => running))
    throw new CliError('failure', 'no log was looked at: none of these bridges runs here just now')
}

export async function why(
  [system, of, field]: readonly [system: string, of: string, field: string | undefined],
  options: WhyOptions,
  terminal: Terminal,
): Promise<void> {
  const row = options.row ? 'true' : undefined
  const path = withQuery('/v1/audit/why', { system, of, field, row })
  const lineage = (await askNode(options, terminal, 'GET', path)) as Lineage
  if (options.json) {
    terminal.print(JSON.stringify(lineage))
    return
  }
  const { steps, present, unread, earlier, cutUpTo } = lineage
  const rows = steps.map(({ n, at, words, isPresent }) => {
    return [n, new Date(at).toISOString(), isPresent ? '*' : '', words]
  })
  terminal.print(printable(`${lineage.of}${lineage.field ? `  ${lineage.field}` : ''}  in ${lineage.system}`))
  if (present)
    terminal.print(`now: here ${shown(present.record)}, in ${lineage.system} ${shown(present.row)}`)
  if (unread) terminal.print(printable(notTakenIn(unread)))
  terminal.print(rows.length === 0 ? 'nothing was done for it' : table(['entry', 'at', '', 'what'], rows))
  if (rows.some(([, , mark]) => mark === '*')) terminal.note('* made it what it is now')
  if (earlier > 0) terminal.note(`${earlier} steps before these are not listed`)
  if (cutUpTo > 0) terminal.note(`what happened up to entry ${cutUpTo} was cut off`)
}

function notTakenIn({ type, row, version, reason, at }: UnreadRow): string {
  const which = version === '' ? '' : ` in version ${version}`
  const since = at === undefined ? '' : ` since ${new Date(at).toISOString()}`
  return `not taken in${since}: ${type} ${row}${which}: ${reason}`
}

function shown(value: unknown): string {
  return value === undefined ? 'not known' : printable(JSON.stringify(value))
}

export async function cut(options: CutOptions, terminal: Terminal): Promise<void> {
  const { system, olderThan, by } = options
  const before = Date.now() - olderThan * DAY_MS
  const answer = await askNode(options, terminal, 'POST', '/v1/audit/cut', { system, before, by })
  const { cut: done } = answer as { cut: CutOfSystem[] }
  terminal.print(
    options.json
      ? JSON.stringify(done)
      : done.map((one) => `${one.system}: ${one.cut} entries were cut off`).join('\n'),
  )
}

const DAY_MS = 86_400_000

export async function erase(record: string, options: EraseOptions, terminal: Terminal): Promise<void> {
  const { system, by } = options
  const answer = await askNode(options, terminal, 'POST', '/v1/audit/erase', { system, record, by })
  const { erased } = answer as { erased: string[] }
  terminal.print(
    options.json
      ? JSON.stringify(answer)
      : `erased what is kept of ${printable(record)} for ${erased.join(', ')}`,
  )
}
