import { describe, expect, it } from 'vitest'
import { LineSpeed, shouldDeflate } from './compression.ts'
import * as limit from './limits.ts'
import { decide, type Outlook } from './outgoing.ts'

const idle: Outlook = {
  queued: 0,
  queuedBytes: 0,
  missing: false,
  insideRecord: false,
  complete: false,
  behind: false,
  reading: false,
  saidCurrent: true,
  lag: 0,
  creditBytes: limit.INITIAL_CREDIT_BYTES,
  bufferedBytes: 0,
  bufferBytesMax: limit.SEND_BUFFER_BYTES_MAX,
  unacknowledged: 0,
}
const ready: Outlook = { ...idle, queued: 1, queuedBytes: 100, complete: true }

describe('what to do next', () => {
  it('is nothing when all was told', () => {
    expect(decide(idle)).toEqual({ read: false, send: false })
  })

  it('is reading when the log goes on, and not twice at once', () => {
    expect(decide({ ...idle, behind: true }).read).toBe(true)
    expect(decide({ ...idle, behind: true, reading: true }).read).toBe(false)
  })

  it('O5: is sending a full frame, or what there is when all there was has been read', () => {
    expect(decide(ready).send).toBe('stream')
    expect(decide({ ...ready, complete: false, behind: true })).toEqual({ read: true, send: false })
    expect(decide({ ...ready, complete: false, queuedBytes: limit.FRAME_BYTES_MAX - 1 }).send).toBe(false)
    expect(decide({ ...ready, complete: false, queuedBytes: limit.FRAME_BYTES_MAX }).send).toBe('stream')
  })

  it('is reading one frame ahead, and while the peer takes nothing the one that will be sent', () => {
    const sending = { ...ready, behind: true, complete: false }
    expect(decide({ ...sending, queuedBytes: 2 * limit.FRAME_BYTES_MAX - 1 }).read).toBe(true)
    expect(decide({ ...sending, queuedBytes: 2 * limit.FRAME_BYTES_MAX }).read).toBe(false)
    const held = { ...sending, creditBytes: 0 }
    expect(decide({ ...held, queuedBytes: limit.FRAME_BYTES_MAX - 1 })).toEqual({ read: true, send: false })
    expect(decide({ ...held, queuedBytes: limit.FRAME_BYTES_MAX })).toEqual({
      read: false,
      send: false,
      heldBy: 'credit',
    })
  })

  it('O6: is waiting above the share of the buffer that this session has', () => {
    const share = { ...ready, bufferBytesMax: 65_536 }
    expect(decide({ ...share, bufferedBytes: 65_535 }).send).toBe('stream')
    expect(decide({ ...share, bufferedBytes: 65_536 }).heldBy).toBe('buffer')
  })

  it('O6: is waiting without credit, above the send buffer, and for acknowledgements', () => {
    expect(decide({ ...ready, creditBytes: 1 }).send).toBe('stream')
    expect(decide({ ...ready, creditBytes: 0 })).toEqual({ read: false, send: false, heldBy: 'credit' })
    expect(decide({ ...ready, bufferedBytes: limit.SEND_BUFFER_BYTES_MAX - 1 }).send).toBe('stream')
    expect(decide({ ...ready, bufferedBytes: limit.SEND_BUFFER_BYTES_MAX }).heldBy).toBe('buffer')
    expect(decide({ ...ready, unacknowledged: limit.UNACKNOWLEDGED_FRAMES_MAX - 1 }).send).toBe('stream')
    expect(decide({ ...ready, unacknowledged: limit.UNACKNOWLEDGED_FRAMES_MAX }).heldBy).toBe(
      'acknowledgement',
    )
  })

  it("Q11: is sending what is missing first, but not where the stream's last frame ended inside a record", () => {
    const missing = { ...ready, missing: true }
    expect(decide(missing).send).toBe('missing')
    expect(decide({ ...missing, insideRecord: true }).send).toBe('stream')
    expect(decide({ ...missing, insideRecord: true, creditBytes: 0 }).heldBy).toBe('credit')
    const reading = { ...missing, insideRecord: true, complete: false, behind: true }
    expect(decide(reading)).toEqual({ read: true, send: false })
  })

  it('U1: is telling views before the stream, and nothing of the stream while some are awaited', () => {
    expect(decide({ ...ready, views: 'due' }).send).toBe('views')
    expect(decide({ ...ready, views: 'due', missing: true }).send).toBe('missing')
    expect(decide({ ...ready, views: 'awaited', behind: true })).toEqual({ read: true, send: false })
    expect(decide({ ...ready, views: 'due', unacknowledged: limit.UNACKNOWLEDGED_FRAMES_MAX }).send).toBe(
      'views',
    )
  })

  it('U4: is keeping views back without credit, and above the send buffer', () => {
    expect(decide({ ...ready, views: 'due', creditBytes: 0 }).heldBy).toBe('credit')
    expect(decide({ ...ready, views: 'due', bufferedBytes: limit.SEND_BUFFER_BYTES_MAX }).heldBy).toBe(
      'buffer',
    )
  })

  it('O8: is an empty frame when nothing was said to be current yet, or the position lags', () => {
    expect(decide({ ...idle, saidCurrent: false }).send).toBe('stream')
    expect(decide({ ...idle, saidCurrent: false, behind: true }).send).toBe(false)
    expect(decide({ ...idle, lag: limit.POSITION_LAG_MAX - 1 }).send).toBe(false)
    expect(decide({ ...idle, lag: limit.POSITION_LAG_MAX }).send).toBe('stream')
  })
})

describe('O11: deflating', () => {
  it('is for bodies from 1 KiB, above 32 KiB on slow lines only', () => {
    expect(shouldDeflate(limit.DEFLATE_BYTES_MIN - 1, true)).toBe(false)
    expect(shouldDeflate(limit.DEFLATE_BYTES_MIN, false)).toBe(true)
    expect(shouldDeflate(limit.DEFLATE_ALWAYS_BYTES_MAX, false)).toBe(true)
    expect(shouldDeflate(limit.DEFLATE_ALWAYS_BYTES_MAX + 1, false)).toBe(false)
    expect(shouldDeflate(limit.DEFLATE_ALWAYS_BYTES_MAX + 1, true)).toBe(true)
  })

  const measured = (bytes: number, ms: number) => {
    const speed = new LineSpeed()
    speed.sent(1000)
    speed.acknowledged(bytes, 1000 + ms, true)
    return speed
  }

  it('a line is slow below 4 MB/s, once 256 KiB were acknowledged', () => {
    const bytes = limit.LINE_SAMPLE_BYTES_MIN
    const ms = Math.floor(bytes / limit.SLOW_LINE_BYTES_PER_MS)
    expect(measured(bytes, ms).isSlow).toBe(false)
    expect(measured(bytes, ms + 1).isSlow).toBe(true)
    expect(measured(bytes - 1, 1000).isSlow).toBe(false)
    expect(new LineSpeed().isSlow).toBe(false)
  })

  it('time without anything under way does not count', () => {
    const speed = measured(limit.LINE_SAMPLE_BYTES_MIN, 1)
    speed.sent(100_000)
    speed.acknowledged(1000, 100_001, true)
    expect(speed.isSlow).toBe(false)
  })

  it('a line that became slow is found out, and a clock that steps back does no harm', () => {
    const speed = measured(limit.LINE_SAMPLE_BYTES_MAX, 100)
    let nowMs = 2000
    for (let i = 0; i < 40; i++) {
      speed.sent(nowMs)
      nowMs += 1000
      speed.acknowledged(256 * 1024, nowMs, true)
    }
    expect(speed.isSlow).toBe(true)
    speed.sent(nowMs)
    speed.acknowledged(10, nowMs - 5000, true)
    expect(speed.isSlow).toBe(true)
  })
})
