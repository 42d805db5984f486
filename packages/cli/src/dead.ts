/** `skerry dead`: writes that cannot succeed by themselves, what waits for them, and rows that could not be taken in; listed and tried again at a running node. */
import { CliError } from './cli-error.ts'
import { noteNotRunning } from './not-running.ts'
import { type AtNode, askNode, withQuery } from './operator/ask-node.ts'
import type { DeadOfSystem, ReadAgain, Retried } from './operator/routes-dead.ts'
import { table } from './table.ts'
import type { Terminal } from './terminal.ts'

export interface ListOptions extends AtNode {
  limit: number
}

export interface RetryOptions extends AtNode {
  all?: boolean
  reason?: string
  type?: string
  dryRun?: boolean
  by?: string
}

export async function list(options: ListOptions, terminal: Terminal): Promise<void> {
  const { system, limit } = options
  const answer = await askNode(options, terminal, 'GET', withQuery('/v1/dead', { system, limit }))
  const { systems } = answer as { systems: DeadOfSystem[] }
  if (options.json) {
    terminal.print(JSON.stringify(systems))
    return
  }
  noteNotRunning(systems, terminal)
  const rows = systems.flatMap(rowsOf)
  terminal.print(
    rows.length === 0
      ? 'no dead letters, no unread rows, and nothing waits for other records'
      : table(['system', 'record or row', 'state', 'since', 'about', 'reason'], rows),
  )
  for (const { system: name, more } of systems)
    if (more > 0) terminal.note(`${name}: ${more} more; --limit shows them`)
}

function rowsOf({ system, dead, unread, parked }: DeadOfSystem): string[][] {
  return [
    ...dead.map(({ record, at, fields, reason }) => {
      return [system, record, 'dead', new Date(at).toISOString(), fields.join(' '), reason]
    }),
    ...unread.map(({ type, row, record = '', at, reason }) => {
      const since = at === undefined ? '' : new Date(at).toISOString()
      return [system, `${type}/${row}`, 'unread', since, record, reason]
    }),
    ...parked.map(({ record, parents, reason }) => [system, record, 'parked', '', parents.join(' '), reason]),
  ]
}

export async function retry(
  records: readonly string[],
  options: RetryOptions,
  terminal: Terminal,
): Promise<void> {
  const { system, all = false, reason, type, dryRun = false, by } = options
  if (all === records.length > 0)
    throw new CliError('usage', 'name the records to try again, or say --all: one of the two')
  if (records.length > 0 && (reason !== undefined || type !== undefined))
    throw new CliError('usage', '--reason and --type choose among --all; records are named without them')
  const body = { system, reason, type, dryRun, by, ...(!all && { records }) }
  const { retried, read } = (await askNode(options, terminal, 'POST', '/v1/dead/retry', body)) as {
    retried: Retried[]
    read: ReadAgain[]
  }
  if (options.json) {
    terminal.print(JSON.stringify([...retried, ...read]))
    return
  }
  if (retried.length + read.length === 0) {
    terminal.print('no dead letter fits; nothing to try')
    return
  }
  const rows = retried.map(({ system: name, record, type: of, kind, fields, reason: why }) => {
    return [name, record, of, kind, why ?? JSON.stringify(fields)]
  })
  const again = read.map(({ system: name, type: of, row, kind, reason: why }) => {
    return [name, `${of}/${row}`, of, kind, why]
  })
  const headings = ['system', 'record or row', 'type', dryRun ? 'would send' : 'sends', 'fields']
  terminal.print(table(headings, [...rows, ...again]))
}
