/** What `skerry bridge plan` does: a dry run on a copy of the node's store (packages/bridge/SPEC.md, B-180 to B-184). */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import {
  type BridgeConfig,
  BridgeError,
  type BridgePlan,
  type MappingPlan,
  type PlanLine,
  planBridge,
} from '@skerry/bridge'
import type { Json } from '@skerry/core'
import { createLog, type Logger } from '@skerry/hub'
import { nodeHost } from '@skerry/node'
import { backupSqlite, restoreSqlite } from '@skerry/store-sqlite'
import { chooseBridges } from './choose-bridges.ts'
import { CliError } from './cli-error.ts'
import type { SkerryConfig } from './config.ts'
import { exitCodes } from './exit-code.ts'
import { loadConfig } from './load-config.ts'
import { openNode } from './open-node.ts'
import type { PlanFlags } from './plan-flags.ts'
import { STOP_SIGNALS } from './stop-signal.ts'
import { printable, table } from './table.ts'
import type { Terminal } from './terminal.ts'

/** @throws CliError config, usage, store, network; StoreError */
export async function planBridges(
  name: string | undefined,
  { config: file, store, lines, json = false }: PlanFlags,
  terminal: Terminal,
): Promise<void> {
  const { config, path } = await loadConfig(file, terminal.folder)
  const bridges = chooseBridges(config, path, terminal.folder, name)
  const from = resolve(terminal.folder, store)
  if (!existsSync(from))
    throw new CliError(
      'store',
      `${store}: there is no such store; start 'skerry bridge' once, so that the node has what the hub has`,
    )
  const log = createLog({ level: 'silent' })
  const plans: BridgePlan[] = []
  for (const bridge of bridges)
    plans.push(await withCopy(from, (copy) => planned(config, bridge, { copy, lines, log })))
  terminal.print(json ? JSON.stringify(plans) : plans.map(described).join('\n\n'))
}

/** Each run has a copy of its own: one bridge would see what the other was to do. It has all that the store has, and stays behind for nobody: whoever is told to end throws it away first. */
async function withCopy<T>(store: string, work: (copy: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'skerry-plan-'))
  const throwAway = () => rmSync(folder, { recursive: true, force: true })
  const end = () => {
    throwAway()
    process.exit(exitCodes.failure)
  }
  for (const signal of STOP_SIGNALS) process.once(signal, end)
  try {
    const [backup, copy] = [join(folder, 'backup.db'), join(folder, 'copy.db')]
    backupSqlite(store, backup)
    restoreSqlite(backup, copy, { asCopy: true })
    return await work(copy)
  } finally {
    for (const signal of STOP_SIGNALS) process.removeListener(signal, end)
    throwAway()
  }
}

async function planned(
  config: SkerryConfig,
  bridge: BridgeConfig,
  { copy, lines, log }: { copy: string; lines: number; log: Logger },
): Promise<BridgePlan> {
  const replica = await openNode(config, copy, undefined, log)
  try {
    const { pollIntervalMs: _, alarmAfterMs: __, ...settings } = bridge
    return await planBridge({ replica, host: nodeHost(), linesMax: lines, ...settings })
  } catch (error) {
    if (error instanceof BridgeError && error.code === 'cannot-plan')
      throw new CliError('network', error.message, { cause: error })
    throw error
  } finally {
    await replica.close()
  }
}

function described({ system, mappings, cost }: BridgePlan): string {
  const counts = table(
    [
      'mapping',
      'rows: new',
      'changed',
      'deleted',
      'records: new',
      'changed',
      'deleted',
      'linked',
      'equal',
      'left out',
      'held',
    ],
    mappings.map(({ collection, type, there, here, linked, equal, left, held }) => [
      `${collection} ↔ ${type}`,
      there.create,
      there.update + there.restore,
      there.delete,
      here.create,
      here.update,
      here.delete,
      linked,
      equal,
      (left.rows ?? 0) + left.records,
      Object.values(held).reduce((sum, one) => sum + one, 0),
    ]),
  )
  return [`${system}: what a run would do`, counts, ...mappings.flatMap(linesOf), costOf(cost)].join('\n')
}

function linesOf({ collection, type, lines, more }: MappingPlan): string[] {
  if (lines.length === 0) return []
  const rest = more > 0 ? [`  … and ${more} more; --lines shows them`] : []
  return ['', `${collection} ↔ ${type}`, ...lines.map((line) => printable(`  ${lineOf(line)}`)), ...rest]
}

function lineOf(line: PlanLine): string {
  if (line.side === 'held') return `held (${line.what}) ${line.record ?? line.row ?? ''}: ${line.why}`
  const what = line.side === 'there' ? `${line.what} row ${line.row ?? ''}`.trimEnd() : `${line.what} record`
  const fields = line.fields.map(({ name, from, to }) => `${name}: ${shown(from)} → ${shown(to)}`)
  return `${what} ${line.side === 'there' ? 'of ' : ''}${line.record}${fields.length > 0 ? `  ${fields.join(', ')}` : ''}`
}

/** Characters of a value in a line. */
const VALUE_LENGTH_MAX = 60

function shown(value: Json): string {
  const text = JSON.stringify(value)
  return text.length > VALUE_LENGTH_MAX ? `${text.slice(0, VALUE_LENGTH_MAX)}…` : text
}

function costOf({ units, spent, limits }: BridgePlan['cost']): string {
  const total = Object.values(units).reduce((sum, one) => sum + one, 0)
  const kinds = Object.entries(units).filter(([, one]) => one > 0)
  const made = Object.values(spent).reduce((sum, one) => sum + one, 0)
  const lines = limits.map(({ limit, pool, credential, left, max, needs }) => {
    const who = [limit, pool, credential].filter((one) => one !== undefined).join(' ')
    return `  ${who}: needs ${needs}, has ${left} of ${max}${needs > left ? ': it takes more than one period' : ''}`
  })
  const costs = `costs ${total} calls (${kinds.map(([pool, one]) => `${one} ${pool}`).join(', ')}), ${made} of them made for this plan`
  return ['', costs, ...lines].join('\n')
}
