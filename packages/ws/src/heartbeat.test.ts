import { describe, expect, it } from 'vitest'
import { ManualHost } from '../test/hosts.ts'
import { Heartbeat } from './heartbeat.ts'
import { HEARTBEAT_JITTER, HEARTBEAT_MS, PROBE_MS_MAX } from './limits.ts'

function beating(host: ManualHost) {
  const log: string[] = []
  const heartbeat = new Heartbeat(
    host,
    {},
    { beat: () => log.push(`beat ${host.now()}`), dead: (missed) => log.push(`dead ${missed}`) },
  )
  return { heartbeat, log }
}

const LONGEST_MS = HEARTBEAT_MS * (1 + HEARTBEAT_JITTER)
const SHORTEST_MS = HEARTBEAT_MS * (1 - HEARTBEAT_JITTER)

describe('heartbeat', () => {
  it('H1 beats every HEARTBEAT_MS within the jitter', () => {
    const host = new ManualHost(3)
    const { heartbeat, log } = beating(host)
    const times = [host.now()]
    for (let beat = 1; beat <= 40; beat++) {
      while (log.length < beat) host.advance(100)
      heartbeat.contact()
      times.push(Number(log[beat - 1]?.split(' ')[1]))
    }
    const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0))
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(SHORTEST_MS)
    expect(Math.max(...gaps)).toBeLessThanOrEqual(LONGEST_MS)
    expect(new Set(gaps).size).toBeGreaterThan(20)
  })

  it('H2 is dead after two beats without contact, and not after one', () => {
    const host = new ManualHost()
    const { log } = beating(host)
    while (log.length < 2) host.advance(100)
    expect(log.every((line) => line.startsWith('beat'))).toBe(true)
    host.advance(LONGEST_MS)
    expect(log[2]).toBe('dead 2')
    expect(host.pending).toBe(0)
  })

  it('H2 contact between beats keeps it alive', () => {
    const host = new ManualHost()
    const { heartbeat, log } = beating(host)
    for (let round = 0; round < 20; round++) {
      host.advance(SHORTEST_MS)
      heartbeat.contact()
    }
    expect(log.some((line) => line.startsWith('dead'))).toBe(false)
  })

  it('H4 a probe is dead after PROBE_MS_MAX without contact, and alive with it', () => {
    const host = new ManualHost()
    const { heartbeat, log } = beating(host)
    heartbeat.probe()
    host.advance(PROBE_MS_MAX - 1)
    heartbeat.contact()
    host.advance(1)
    expect(log).toHaveLength(2)
    heartbeat.probe()
    host.advance(PROBE_MS_MAX)
    expect(log.at(-1)).toBe('dead 2')
  })

  it('stops without a timer left', () => {
    const host = new ManualHost()
    beating(host).heartbeat.stop()
    expect(host.pending).toBe(0)
  })
})
