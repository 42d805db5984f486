/**
 * Whether a frame tells what was asked, in an order that the log can have (I1). In a log's own order sequences ascend. In channels' order
 * marks ascend, and so do entries told by themselves; but the entries that an ENTER brings stand before it with their own, lower sequences:
 * one step back is allowed before each ENTER, and at the end of the frame, where such a record may go on in the next.
 *
 *     11  12  │ 3  5  8  ENTER 13 │ 14  LEAVE 15 │ 2  4
 *             └ step back         └ ascending    └ step back, to go on
 */
import type { Seq } from '../store/port.ts'
import type { Frame, FrameItem } from './frame.ts'
import { ProtocolError, type Want } from './port.ts'

/** @throws ProtocolError malformed, unexpected-message */
export function checkOrder(
  { items, position, beside }: Frame,
  want: Want,
  waiting: readonly string[] = [],
): void {
  if (beside === 'missing') checkMissing(items, want, waiting)
  else if (beside === 'views') checkViews(want)
  else checkStream(items, position, want)
}

function checkStream(items: readonly FrameItem[], position: Frame['position'], want: Want): void {
  const highest = want.kind === 'channels' ? checkChannels(items, want.cursors) : checkLog(items, want)
  if (position !== undefined && position.seq < highest) {
    throw new ProtocolError(
      'malformed',
      `reading a frame: position ${position.seq} is below sequence ${highest} in it`,
    )
  }
}

/** U6 */
function checkViews(want: Want): void {
  if (want.kind !== 'channels' || !want.views)
    throw new ProtocolError('unexpected-message', 'told views, which were not welcome')
}

/** In any order, but nothing that was not asked. `waiting`: channels that are being reconciled. */
function checkMissing(items: readonly FrameItem[], want: Want, waiting: readonly string[]): void {
  const isAsked = (channel: string) =>
    want.kind === 'channels' && (want.cursors.has(channel) || waiting.includes(channel))
  for (const item of items) {
    if (item.kind === 'credential') continue
    if (want.kind === 'nothing')
      throw new ProtocolError('unexpected-message', `told ${describe(item)}, and nothing was asked`)
    if (isMark(item) && !isAsked(item.channel))
      throw new ProtocolError('malformed', `told ${describe(item)}, a channel that was not asked`)
  }
}

function checkLog(items: readonly FrameItem[], want: Want): Seq {
  let last: Seq = 0
  for (const item of items) {
    if (want.kind === 'nothing')
      throw new ProtocolError('unexpected-message', `told ${describe(item)}, and nothing was asked`)
    if (item.kind === 'credential') continue
    if (item.kind !== 'entry')
      throw new ProtocolError('malformed', `told ${describe(item)} in a log that was asked without channels`)
    if (item.seq <= last) throw stepsBack(item, last)
    last = item.seq
  }
  return last
}

function checkChannels(items: readonly FrameItem[], asked: ReadonlyMap<string, unknown>): Seq {
  let mark: Seq = 0
  let last: Seq = 0
  let back: FrameItem | undefined
  for (const item of items) {
    if (item.kind === 'credential') continue
    if (item.kind === 'entry') {
      if (item.seq <= last) {
        if (back !== undefined) throw stepsBack(item, last)
        back = item
      }
      last = item.seq
      continue
    }
    // The frame's reader lets views stand in frames of their own alone.
    if (!isMark(item)) continue
    if (!asked.has(item.channel))
      throw new ProtocolError('malformed', `told ${describe(item)}, a channel that was not asked`)
    if (item.seq < mark) throw stepsBack(item, mark)
    if (item.kind === 'leave' && (back !== undefined || item.seq < last)) throw stepsBack(back ?? item, last)
    mark = item.seq
    last = item.seq
    back = undefined
  }
  return mark
}

function stepsBack(item: FrameItem, last: Seq): ProtocolError {
  return new ProtocolError('malformed', `reading a frame: ${describe(item)} stands after sequence ${last}`)
}

function isMark(item: FrameItem): item is FrameItem & { kind: 'enter' | 'leave' } {
  return item.kind === 'enter' || item.kind === 'leave'
}

function describe(item: FrameItem): string {
  if (item.kind === 'entry') return `entry ${item.seq}`
  return isMark(item) ? `${item.kind} ${item.seq} of ${JSON.stringify(item.channel)}` : `a ${item.kind}`
}
