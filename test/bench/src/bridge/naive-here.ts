/**
 * This side of a life without a bridge, as integrations are first written: each edit pushes the record's fields when it is made and tries a few times, a poll takes rows over as they come, and what was not sent yet is
 * in memory. Records themselves are as durable as the bridge's. It is what the bridge is measured against.
 */
import type { JsonObject } from '@skerry/core'
import { edited, type Here, type World } from './life.ts'

const POLL_MS = 2_000
const TRIES = 3
const RETRY_MS = 500
const PAGE = 200
const names = ['ref', 'title', 'owner', 'site', 'tags', 'stock'] as const

/** Records of each disk, by ref: they outlive the process. */
const disks = new WeakMap<object, Map<string, JsonObject>>()

export async function openNaive({ time, power, system, disk }: World): Promise<Here> {
  const records = disks.get(disk) ?? new Map<string, JsonObject>()
  disks.set(disk, records)
  const host = time.host(() => power.isOff)
  const adapter = power.adapter(system.adapter())
  const { signal } = new AbortController()
  const waits = (ms: number) => new Promise<void>((resolve) => void host.timer(ms, resolve))
  let position: string | undefined
  let pushes: Promise<void> = Promise.resolve()

  async function push(ref: string): Promise<void> {
    for (let tries = 0; tries < TRIES; tries++) {
      const fields = Object.fromEntries(
        names.flatMap((name) => {
          const value = records.get(ref)![name]
          return value === undefined ? [] : [[name[0]!.toUpperCase() + name.slice(1), value]]
        }),
      )
      const idempotencyKey = `${ref} ${time.nowMs} ${tries}`
      const answer = await adapter.upsert(
        'jobs',
        { externalId: ref, fields, idempotencyKey, restore: false },
        { signal },
      )
      if (answer.kind === 'done') return
      await waits(RETRY_MS)
    }
  }

  async function poll(): Promise<void> {
    for (;;) {
      const answer = await adapter.changes('jobs', position, PAGE, { signal })
      if (answer.kind !== 'page') return
      for (const { value } of answer.rows) {
        const fields = Object.entries(value).map(([name, field]) => [name.toLowerCase(), field])
        records.set(String(value.Ref), Object.fromEntries(fields) as JsonObject)
      }
      position = answer.next
      if (answer.complete) return
    }
  }

  let isClosed = false
  const pollOn = async () => {
    while (!isClosed) {
      await poll()
      await waits(POLL_MS)
    }
  }
  void pollOn()
  return {
    find: async (ref) => (records.has(ref) ? ref : undefined),
    async edit(edit) {
      const before = records.get(edit.ref) ?? { ref: edit.ref }
      records.set(edit.ref, { ...before, ...edited(before, edit) })
      pushes = pushes.then(() => push(edit.ref))
    },
    async rest() {
      await pushes
      await poll()
    },
    records: async () => [...records.values()],
    close: async () => {
      isClosed = true
    },
  }
}
