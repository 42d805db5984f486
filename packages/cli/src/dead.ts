/** `skerry dead`: writes that cannot succeed by themselves, and what waits for them; listed and tried again at a running node. */
import { CliError } from './cli-error.ts'
import { noteNotRunning } from './not-running.ts'
import { type AtNode, askNode, withQuery } from './operator/ask-node.ts'
import type { DeadOfSystem, Retried } from './operator/routes-dead.ts'
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
      ? 'no dead letters, and nothing waits for other records'
      : table(['system', 'record', 'state', 'since', 'about', 'reason'], rows),
  )
  for (const { system: name, more } of systems)
    if (more > 0) terminal.note(`${name}: ${more} more; --limit shows them`)
}

function rowsOf({ system, dead, parked }: DeadOfSystem): string[][] {
  return [
    ...dead.map(({ record, at, fields, reason }) => {
      return [system, record, 'dead', new Date(at).toISOString(), fields.join(' '), reason]
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
  const { retried } = (await askNode(options, terminal, 'POST', '/v1/dead/retry', body)) as {
    retried: Retried[]
  }
  if (options.json) {
    terminal.print(JSON.stringify(retried))
    return
  }
  if (retried.length === 0) {
    terminal.print('no dead letter fits; nothing to try')
    return
  }
  const rows = retried.map(({ system: name, record, type: of, kind, fields, reason: why }) => {
    return [name, record, of, kind, why ?? JSON.stringify(fields)]
  })
  terminal.print(table(['system', 'record', 'type', dryRun ? 'would send' : 'sends', 'fields'], rows))
}
