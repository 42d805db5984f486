/** Dead letters, rows that could not be taken in, and what waits for other records: listed, and tried again (SPEC O-5, O-6). */
import type { DeadLetter, ParkedRecord, Planned, UnreadRow } from '@skerry/bridge'
import { ProblemError, readBody, readQuery } from '@skerry/hub'
import { Hono } from 'hono'
import * as z from 'zod'
import { BY_LENGTH_MAX, LISTED_DEFAULT, LISTED_MAX } from './limits.ts'
import { bridgesAsked, type NodeBridge, type RunningBridge, runningBridges } from './node-bridges.ts'

export interface DeadOfSystem {
  system: string
  /** False: nothing is known here of what waits in it. */
  running: boolean
  dead: DeadLetter[]
  unread: UnreadRow[]
  parked: ParkedRecord[]
  /** How many of all are not listed here. */
  more: number
}

export type Retried = Planned & { system: string }

/** A row that is read again, or would be. */
export type ReadAgain = UnreadRow & { system: string; kind: 'read again' }

const listSchema = z.strictObject({
  system: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(LISTED_MAX).default(LISTED_DEFAULT),
})

const retrySchema = z.strictObject({
  system: z.string().optional(),
  records: z.array(z.string().min(1)).min(1).optional(),
  /** Type of rows. */
  type: z.string().min(1).optional(),
  /** What the reason contains. */
  reason: z.string().min(1).optional(),
  dryRun: z.boolean().default(false),
  /** Who has them tried again. */
  by: z.string().min(1).max(BY_LENGTH_MAX).optional(),
})

export function deadRoutes(bridges: readonly NodeBridge[]): Hono {
  const routes = new Hono()
  routes.get('/', async (c) => {
    const { system, limit } = readQuery(c, listSchema)
    const systems = bridgesAsked(bridges, system).map((one) => listed(one, limit))
    return c.json({ systems: await Promise.all(systems) })
  })
  routes.post('/retry', async (c) => {
    const { system, records, type, reason, dryRun, by } = await readBody(c, retrySchema)
    const running = runningBridges(bridges, system)
    const rows = records && (await namedRows(running, records))
    const choice = { dryRun, ...(type !== undefined && { type }), ...(reason !== undefined && { reason }) }
    const letters = {
      ...choice,
      ...(records && { records: [...new Set(records)] }),
      ...(by !== undefined && { by }),
    }
    const retried: Retried[] = []
    const read: ReadAgain[] = []
    for (const { system: name, bridge } of running) {
      for (const planned of await bridge.retryAll(letters)) retried.push({ system: name, ...planned })
      for (const row of await bridge.readAgain({ ...choice, ...(rows && { rows }) }))
        read.push({ system: name, kind: 'read again', ...row })
    }
    return c.json({ retried, read })
  })
  return routes
}

async function listed({ system, bridge }: NodeBridge, limit: number): Promise<DeadOfSystem> {
  const running = bridge()
  if (!running) return { system, running: false, dead: [], unread: [], parked: [], more: 0 }
  const [dead, unread, parked] = await Promise.all([
    running.deadLetters(),
    running.unread(),
    running.parked(),
  ])
  return {
    system,
    running: true,
    dead: dead.slice(0, limit),
    unread: unread.slice(0, Math.max(0, limit - dead.length)),
    parked: parked.slice(0, Math.max(0, limit - dead.length - unread.length)),
    more: Math.max(0, dead.length + unread.length + parked.length - limit),
  }
}

/** Rows among what is named, by their own names or their records'. @throws ProblemError `not-found` that says of the first name which is neither theirs nor a dead letter's what it is instead */
async function namedRows(
  running: readonly RunningBridge[],
  names: readonly string[],
): Promise<readonly UnreadRow[]> {
  const letters = await Promise.all(running.map(({ bridge }) => bridge.deadLetters()))
  const unread = (await Promise.all(running.map(({ bridge }) => bridge.unread()))).flat()
  const asked = new Set(names)
  const namesOf = ({ type, row, record }: UnreadRow) => [`${type}/${row}`, ...(record ? [record] : [])]
  const known = new Set([...letters.flat().map(({ record }) => record), ...unread.flatMap(namesOf)])
  const other = names.find((name) => !known.has(name))
  if (other === undefined) return unread.filter((row) => namesOf(row).some((name) => asked.has(name)))
  const waiting = (await Promise.all(running.map(({ bridge }) => bridge.parked()))).flat()
  const parked = waiting.find(({ record }) => record === other)
  const systems = running.map(({ system }) => system).join(', ')
  throw new ProblemError(
    'not-found',
    parked
      ? `${other} is no dead letter: it waits for ${parked.parents.join(', ')}, and goes on by itself (${parked.reason}); nothing was tried`
      : `${other}: no dead letter of it in ${systems}, and no unread row; nothing was tried`,
  )
}
