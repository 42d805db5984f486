import { describe, expect, it } from 'vitest'
import type { Frame, FrameItem } from './frame.ts'
import { checkOrder } from './order.ts'
import { ProtocolError, type Want } from './port.ts'

const log: Want = { kind: 'log', cursor: undefined }
const nothing: Want = { kind: 'nothing' }
const channels: Want = { kind: 'channels', cursors: new Map([['a', undefined]]) }

const entry = (seq: number): FrameItem => ({ kind: 'entry', seq, bytes: new Uint8Array() })
const mark = (kind: 'enter' | 'leave', seq: number, channel = 'a'): FrameItem => ({
  kind,
  seq,
  channel,
  record: 'r/1',
})

function told(want: Want, items: FrameItem[], position?: number): string {
  const frame: Frame = {
    items,
    position: position === undefined ? undefined : { seq: position, run: undefined },
    current: false,
  }
  try {
    checkOrder(frame, want)
    return 'fine'
  } catch (error) {
    if (error instanceof ProtocolError) return error.code
    throw error
  }
}

describe('I1: the order of a frame', () => {
  it('of a log ascends and has no marks', () => {
    expect(told(log, [entry(1), { kind: 'credential', token: 't' }, entry(3)], 3)).toBe('fine')
    expect(told(log, [entry(1), entry(1)])).toBe('malformed')
    expect(told(log, [entry(2), entry(1)])).toBe('malformed')
    expect(told(log, [mark('enter', 2)])).toBe('malformed')
  })

  it('of a log has its position at or above the last entry', () => {
    expect(told(log, [entry(5)], 5)).toBe('fine')
    expect(told(log, [entry(5)], 4)).toBe('malformed')
  })

  it('of channels may step back before an enter, for the entries it brings', () => {
    const items = [entry(11), entry(12), entry(3), entry(8), mark('enter', 13), entry(14), mark('leave', 15)]
    expect(told(channels, items, 15)).toBe('fine')
    expect(told(channels, [entry(3), mark('enter', 13), entry(2), mark('enter', 14)])).toBe('fine')
  })

  it('of channels may end, and begin, inside a record', () => {
    expect(told(channels, [entry(11), mark('enter', 12), entry(4), entry(6)])).toBe('fine')
    expect(told(channels, [entry(7), entry(9), mark('enter', 13)])).toBe('fine')
  })

  it('of channels steps back once only, and not before a leave', () => {
    expect(told(channels, [entry(11), entry(3), entry(2), mark('enter', 13)])).toBe('malformed')
    expect(told(channels, [entry(11), entry(3), mark('leave', 13)])).toBe('malformed')
    expect(told(channels, [entry(14), mark('leave', 13)])).toBe('malformed')
    expect(told(channels, [mark('enter', 13), mark('enter', 12)])).toBe('malformed')
  })

  it('of channels has marks of asked channels only, and its position at or above them', () => {
    expect(told(channels, [mark('enter', 3, 'b')])).toBe('malformed')
    expect(told(channels, [mark('enter', 3)], 3)).toBe('fine')
    expect(told(channels, [mark('enter', 3)], 2)).toBe('malformed')
  })

  it('of nothing has nothing', () => {
    expect(told(nothing, [])).toBe('fine')
    expect(told(nothing, [entry(1)])).toBe('unexpected-message')
    expect(told(nothing, [{ kind: 'credential', token: 't' }])).toBe('unexpected-message')
  })
})
