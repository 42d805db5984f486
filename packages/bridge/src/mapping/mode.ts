/** When what is ours is written (SPEC B-19, B-86 to B-88). A mode only says how long an item waits before its first try; what is written is decided when the call begins. */
import { Cron } from 'croner'
import { COLLECT_MS_MAX, QUIET_SLOTS } from '../limits.ts'
import type { ModeConfig } from '../mapping-config.ts'
import type { Waiting } from '../outbox.ts'
import type { Report } from './report.ts'

export type Mode =
  | { kind: 'at-once'; collectMs: number }
  | { kind: 'quiet'; quietMs: number; ceilingMs: number }
  /** @param afterMs milliseconds since 1970, and so is the result */
  | { kind: 'schedule'; next: (afterMs: number) => number }
  | { kind: 'on-demand' }

/** The ceiling of a quiet period where none is said: so many times as long. Somebody who types for ten pauses without one is still heard. */
const CEILING_TIMES = 10

/** Five fields, or six with seconds first. A date, which croner takes as well, would come once and never again. */
const cronForm = /^\s*\S+(\s+\S+){4,5}\s*$/

export function makeMode(
  config: ModeConfig | undefined,
  collectMs: number | undefined,
  report: Report,
): Mode | undefined {
  if (collectMs !== undefined && config !== undefined && config !== 'at-once')
    report
      .within('collectMs')
      .say("it belongs to the mode 'at-once'; another one says itself how long edits wait")
  if (config === undefined || config === 'at-once') return { kind: 'at-once', collectMs: collectMs ?? 0 }
  if (config === 'on-demand') return { kind: 'on-demand' }
  if ('cron' in config) return scheduleOf(config, report.within('mode', 'cron'))
  const { quietMs, ceilingMs = Math.min(COLLECT_MS_MAX, CEILING_TIMES * quietMs) } = config
  if (ceilingMs < quietMs)
    return report.within('mode', 'ceilingMs').say(`it is ${ceilingMs}, less than quietMs, ${quietMs}`)
  return { kind: 'quiet', quietMs, ceilingMs }
}

/** Only croner's calendar is used, none of its timers: the clock is the host's. */
function scheduleOf(
  { cron, zone = 'UTC' }: { cron: string; zone?: string },
  report: Report,
): Mode | undefined {
  if (!cronForm.test(cron))
    return report.say(
      `'${cron}' is no schedule; want five fields, minute hour day month weekday, such as '0 2 * * *'`,
    )
  try {
    const calendar = new Cron(cron, { timezone: zone, paused: true })
    const next = (afterMs: number) => calendar.nextRun(new Date(afterMs))?.getTime()
    if (next(0) === undefined) return report.say(`'${cron}' never comes`)
    // A calendar that comes once comes again: what has no end cannot run out.
    return { kind: 'schedule', next: (afterMs) => next(afterMs) ?? Number.MAX_SAFE_INTEGER }
  } catch (error) {
    return report.say(`'${cron}' in ${zone}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

interface Moment {
  now: number
  /** The record's edits. */
  seqs: Readonly<Record<string, number>>
}

/** An item that waits for its first try. */
export function firstWait(mode: Mode, { now, seqs }: Moment): Waiting {
  const waiting = { state: 'waiting', attempts: 0, since: now } as const
  switch (mode.kind) {
    case 'at-once':
      return { ...waiting, dueAt: now + mode.collectMs }
    case 'quiet':
      return { ...waiting, dueAt: quietAt(mode, now, now), seqs: { ...seqs } }
    case 'schedule':
      return { ...waiting, dueAt: mode.next(now), deferred: true }
    case 'on-demand':
      return { ...waiting, dueAt: now, deferred: true }
  }
}

/** The end of the slot in which it has been quiet for so long, and never later than the ceiling: the last slot that ends before that is taken then. */
function quietAt(
  { quietMs, ceilingMs }: Extract<Mode, { kind: 'quiet' }>,
  since: number,
  now: number,
): number {
  const slotMs = Math.max(1, Math.floor(quietMs / QUIET_SLOTS))
  const quiet = Math.ceil((now + quietMs) / slotMs) * slotMs
  const ceiling = Math.floor((since + ceilingMs) / slotMs) * slotMs
  return Math.min(quiet, ceiling)
}

/** The item that waits already, when another edit has come. */
export function nextWait(mode: Mode, waiting: Waiting, { now, seqs }: Moment): Waiting {
  const { since, attempts } = waiting
  if (mode.kind !== 'quiet' || attempts > 0 || since === undefined) return waiting
  return { ...waiting, dueAt: quietAt(mode, since, now), seqs: { ...seqs } }
}

/** When a deferred item is due, by the mode as it is now; Infinity: when somebody asks. */
export function dueOfDeferred(mode: Mode, { dueAt }: Pick<Waiting, 'dueAt'>, now: number): number {
  if (mode.kind === 'on-demand') return Number.POSITIVE_INFINITY
  // The schedule may be another one since, and so may the clock.
  return mode.kind === 'schedule' && dueAt > now ? Math.min(dueAt, mode.next(now)) : Math.min(dueAt, now)
}
