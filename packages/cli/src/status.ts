/** `skerry bridge status`: how the bridges of a running node stand, and which mappings are paused and why. */
import { noteNotRunning } from './not-running.ts'
import { type AtNode, askNode, withQuery } from './operator/ask-node.ts'
import type { StatusOfSystem } from './operator/status-of-system.ts'
import { printable, table } from './table.ts'
import type { Terminal } from './terminal.ts'

export interface StatusOptions extends AtNode {
  metrics?: boolean
}

export async function status(options: StatusOptions, terminal: Terminal): Promise<void> {
  const { system, metrics = false } = options
  if (metrics) {
    const answer = await askNode(options, terminal, 'GET', withQuery('/v1/status/metrics', { system }))
    return terminal.print((answer as { text: string }).text.trimEnd())
  }
  const answer = await askNode(options, terminal, 'GET', withQuery('/v1/status', { system }))
  const { systems } = answer as { systems: StatusOfSystem[] }
  if (options.json) return terminal.print(JSON.stringify(systems))
  noteNotRunning(systems, terminal)
  const running = systems.filter((one) => one.running)
  if (running.length > 0) terminal.print(counts(running))
  const paused = running.flatMap(pausedIn)
  terminal.print(paused.length === 0 ? 'no mapping is paused' : paused.join('\n'))
}

type Running = Extract<StatusOfSystem, { running: true }>

function counts(running: readonly Running[]): string {
  const rows = running.map(({ system, stats }) => {
    const { open, held, deferred, parked, paused, dead, unread, reviews, breaker, silentMs, followed, head } =
      stats
    const lagMs = Math.max(...Object.values(stats.tiers).map((tier) => tier.lagMs))
    const seconds = [lagMs, silentMs].map((ms) => Math.round(ms / 1_000))
    const waiting = [open, held, deferred, parked, paused, dead, unread, reviews]
    return [system, ...waiting, ...seconds, head - followed, breaker]
  })
  const states = ['to write', 'for approval', 'by mode', 'parked', 'paused', 'dead', 'unread', 'in review']
  const headings = ['system', ...states, 'lag s', 'silent s', 'log behind', 'breaker']
  return table(headings, rows)
}

function pausedIn({ system, paused }: Running): string[] {
  return paused.map(({ collection, type, since, reasons }) => {
    const why = reasons.map(({ message }) => `\n  ${message}`).join('')
    const heading = `${system}: ${collection} ↔ ${type} is paused since ${new Date(since).toISOString()}`
    return [heading, ...why.split('\n').slice(1)].map(printable).join('\n')
  })
}
