/** What was updated and deleted in a span of time. Seconds are not looked at, and what is not committed yet ends what the answer covers. */
import { replicationIdsMax, replicationSpanMsMin, updatedKeptMs } from '../limits.ts'
import { Refusal } from '../refusal.ts'
import { timeOf, timeText } from '../time.ts'
import type { Ask, Endpoint } from './endpoint.ts'

type Span = { start: number; end: number }

export const updatedRows: Endpoint = (ask) => {
  const type = ask.param('type')
  ask.world.writer.type(type)
  const span = spanOf(ask)
  const ids = ask.world.rows
    .all(type)
    .filter(
      ({ deleted, hidden, modifiedAt }) =>
        !deleted && !hidden && modifiedAt >= span.start && modifiedAt < span.end,
    )
    .map(({ id }) => id)
  assertFew(ids.length)
  return { status: 200, body: { ids, latestDateCovered: timeText(coveredTo(ask, span)) } }
}

export const deletedRows: Endpoint = (ask) => {
  const type = ask.param('type')
  const { world } = ask
  world.writer.type(type)
  const span = spanOf(ask)
  world.deletions.sweep(type, world.clock.now())
  const deletions = world.deletions.between(type, span.start, span.end)
  assertFew(deletions.length)
  const deletedRecords = deletions.map(({ id, deletedAt }) => ({ id, deletedDate: timeText(deletedAt) }))
  const earliestDateAvailable = timeText(world.deletions.knownSince(type))
  return {
    status: 200,
    body: { deletedRecords, earliestDateAvailable, latestDateCovered: timeText(coveredTo(ask, span)) },
  }
}

/** @throws Refusal INVALID_REPLICATION_DATE */
function spanOf({ query, world }: Ask): Span {
  const [start, end] = ['start', 'end'].map((name) => {
    const text = query.get(name) ?? ''
    const time = timeOf(text)
    if (time === undefined)
      throw new Refusal('INVALID_REPLICATION_DATE', `${name}: '${text}' is no date and time`)
    return Math.floor(time / 60_000) * 60_000
  }) as [number, number]
  if (end - start < replicationSpanMsMin)
    throw new Refusal('INVALID_REPLICATION_DATE', 'startDate must be at least one minute before endDate')
  if (start < world.clock.now() - updatedKeptMs)
    throw new Refusal('INVALID_REPLICATION_DATE', 'startDate before 30 days ago')
  return { start, end }
}

/** What began before it and is not committed yet is not in the answer. */
function coveredTo({ world, param }: Ask, { end }: Span): number {
  return Math.min(end, world.clock.now(), world.rows.oldestHidden(param('type')) ?? end)
}

function assertFew(count: number): void {
  if (count > replicationIdsMax)
    throw new Refusal('EXCEEDED_ID_LIMIT', `${count} ids; bring start and end closer together`)
}
