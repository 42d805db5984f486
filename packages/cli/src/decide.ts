/** `skerry approval`, `pair`, `merge` and `reconcile`: what else a running node is asked by its operator. */
import { CliError } from './cli-error.ts'
import { noteNotRunning } from './not-running.ts'
import { type AtNode, askNode, withQuery } from './operator/ask-node.ts'
import type { ApprovalsOfSystem } from './operator/routes-approvals.ts'
import type { PairsOfSystem } from './operator/routes-identity.ts'
import type { ReportOfSystem } from './operator/routes-reconcile.ts'
import { printable, table } from './table.ts'
import type { Terminal } from './terminal.ts'

export interface ListOptions extends AtNode {
  type?: string
  limit: number
}

export interface GiveOptions extends AtNode {
  all?: boolean
  type?: string
  dryRun?: boolean
  by?: string
}

export interface RefuseOptions extends GiveOptions {
  reason?: string
}

export interface ReconcileOptions extends AtNode {
  dryRun?: boolean
  acceptDeletions?: boolean
}

type Decided = ApprovalsOfSystem['waiting'][number] & { system: string }

export async function listApprovals(options: ListOptions, terminal: Terminal): Promise<void> {
  const { system, type, limit } = options
  const answer = await askNode(options, terminal, 'GET', withQuery('/v1/approvals', { system, type, limit }))
  const { systems } = answer as { systems: ApprovalsOfSystem[] }
  if (options.json) return terminal.print(JSON.stringify(systems))
  noteNotRunning(systems, terminal)
  const all = systems.flatMap(({ system: name, waiting }) => waiting.map((one) => ({ system: name, ...one })))
  terminal.print(all.length === 0 ? 'nothing waits for approval' : writes(all, 'would send'))
  for (const { system: name, more } of systems)
    if (more > 0) terminal.note(`${name}: ${more} more; --limit shows them`)
}

export async function giveApproval(
  records: readonly string[],
  options: GiveOptions,
  terminal: Terminal,
): Promise<void> {
  const body = chosen(records, options, 'approve')
  const answer = await askNode(options, terminal, 'POST', '/v1/approvals/give', body)
  const { approved } = answer as { approved: Decided[] }
  printDecided(approved, options, terminal, options.dryRun ? 'would send' : 'sends')
}

export async function refuseApproval(
  records: readonly string[],
  options: RefuseOptions,
  terminal: Terminal,
): Promise<void> {
  const body = { ...chosen(records, options, 'refuse'), reason: options.reason }
  const answer = await askNode(options, terminal, 'POST', '/v1/approvals/refuse', body)
  const { refused } = answer as { refused: Decided[] }
  printDecided(refused, options, terminal, options.dryRun ? 'would not send' : 'is not sent')
}

function chosen(records: readonly string[], options: GiveOptions, what: 'approve' | 'refuse') {
  const { system, all = false, type, dryRun = false, by } = options
  if (all === records.length > 0)
    throw new CliError('usage', `name the records to ${what}, or say --all: one of the two`)
  return { system, type, dryRun, by, ...(!all && { records }) }
}

function printDecided(
  decided: readonly Decided[],
  { json = false }: GiveOptions,
  terminal: Terminal,
  heading: string,
): void {
  if (json) terminal.print(JSON.stringify(decided))
  else terminal.print(decided.length === 0 ? 'nothing of that waits for approval' : writes(decided, heading))
}

function writes(all: readonly Decided[], sends: string): string {
  const rows = all.map(({ system, record, type, kind, fields, reason }) => {
    return [system, record, type, kind, reason ?? JSON.stringify(fields)]
  })
  return table(['system', 'record', 'type', sends, 'fields'], rows)
}

export async function listPairs(options: ListOptions, terminal: Terminal): Promise<void> {
  const { system, limit } = options
  const answer = await askNode(options, terminal, 'GET', withQuery('/v1/pairs', { system, limit }))
  const { systems } = answer as { systems: PairsOfSystem[] }
  if (options.json) return terminal.print(JSON.stringify(systems))
  noteNotRunning(systems, terminal)
  const rows = systems.flatMap(({ system: name, pairs }) =>
    pairs.flatMap(({ type, row, value, candidates }) =>
      candidates.map(({ record, score, how }) => [
        name,
        type,
        row.id,
        record,
        score.toFixed(2),
        how,
        JSON.stringify(value),
      ]),
    ),
  )
  const headings = ['system', 'type', 'row', 'may be', 'score', 'by', 'the row says']
  terminal.print(rows.length === 0 ? 'no pair is in doubt' : table(headings, rows))
  for (const { system: name, more } of systems)
    if (more > 0) terminal.note(`${name}: ${more} more; --limit shows them`)
}

export async function decidePair(
  [type, row, answer, record]: readonly [string, string, string, string | undefined],
  options: AtNode,
  terminal: Terminal,
): Promise<void> {
  const body = { system: options.system, type, row, answer, record }
  const decided = (await askNode(options, terminal, 'POST', '/v1/pairs/decide', body)) as { system: string }
  terminal.print(
    options.json
      ? JSON.stringify(decided)
      : printable(
          `decided ${type} ${row} of ${decided.system}: ${answer}${record === undefined ? '' : ` ${record}`}`,
        ),
  )
}

export async function merge(
  [survivor, other]: readonly [string, string],
  options: AtNode,
  terminal: Terminal,
): Promise<void> {
  const body = { system: options.system, survivor, other }
  const merged = await askNode(options, terminal, 'POST', '/v1/merge', body)
  terminal.print(options.json ? JSON.stringify(merged) : printable(`merged ${other} into ${survivor}`))
}

export async function reconcile(
  type: string | undefined,
  options: ReconcileOptions,
  terminal: Terminal,
): Promise<void> {
  const { system, dryRun = false, acceptDeletions = false } = options
  const body = { system, type, dryRun, acceptDeletions }
  const { reports } = (await askNode(options, terminal, 'POST', '/v1/reconcile', body)) as {
    reports: ReportOfSystem[]
  }
  if (options.json) return terminal.print(JSON.stringify(reports))
  const counts = reports.map(({ system: name, type: of, listed, read, calls, rows, absent, records }) => {
    return [name, of, listed, read, calls, rows.made, rows.taken, absent.deleted, records.written]
  })
  const headings = [
    'system',
    'type',
    'listed',
    'read',
    'calls',
    'made',
    'taken in',
    'deleted',
    'to be written',
  ]
  const drift = reports.flatMap(({ system: name, type: of, drift: fields }) =>
    fields.map(({ field, side, repair, count }) => [name, of, field, side, repair, count]),
  )
  const byField =
    drift.length === 0 ? [] : ['', table(['system', 'type', 'field', 'changed by', 'repair', 'times'], drift)]
  terminal.print([table(headings, counts), ...byField].join('\n'))
}
