/** What is left of the port: who this is, who is here, the device's storage, and the end. */
import type { Other, Quarantined } from '@skerry/core'
import { expect } from 'vitest'
import type { StorageState } from '../port.ts'
import { type LiveCase, watching } from './case.ts'
import { CHANNEL } from './contract-space.ts'
import { codeOf } from './edit-cases.ts'
import { job } from './jobs.ts'
import { Told } from './told.ts'

export const edgeCases: readonly LiveCase[] = [
  {
    title: 'identity',
    async run({ live, space }) {
      const { node, space: name, publicKey } = await live.identity
      expect([node, name]).toEqual([space.edge.node, 'acme'])
      expect(publicKey).toMatch(/^[0-9a-f]{64}$/)
    },
  },
  {
    title: 'presence: what the page shows until it stops, and who else is here',
    async run({ live, space }) {
      const [others, there] = [new Told<readonly Other[]>(), new Told<number>()]
      const atHub = space.hub.presence(CHANNEL)
      atHub.subscribe(() => there.told(atHub.others().length))
      const first = live.presence(CHANNEL, { page: 1 }, others.told, others.failed)
      await there.until((count) => count === 1)
      const second = live.presence(CHANNEL, { page: 2 }, () => undefined, others.failed)
      await there.until(() => JSON.stringify(atHub.others()[0]?.value) === '{"page":2}')
      second()
      await there.until(() => JSON.stringify(atHub.others()[0]?.value) === '{"page":1}')
      atHub.say('office')
      const [other] = await others.until((list) => list.length === 1)
      expect(other).toMatchObject({ subject: 'hub', value: 'office' })
      first()
      await there.until((count) => count === 0)
    },
  },
  {
    title: 'HONEST: presence is refused with its code, to whoever has no credential',
    enrolled: false,
    async run({ live }) {
      const told = new Told<readonly Other[]>()
      live.presence(CHANNEL, 'here', told.told, told.failed)
      const { name, code } = await told.untilFailed()
      expect([name, code]).toEqual(['PresenceRefused', 'not-enrolled'])
    },
  },
  {
    title: 'storage is told, and asked for',
    async run({ live }) {
      const told = new Told<StorageState>()
      live.watchStorage(told.told, told.failed)
      const state = await told.until(() => true)
      expect(['kept', 'evictable', 'gone-on-close', 'failed']).toContain(state.health)
      expect(Object.keys(await live.persist())).toEqual(Object.keys(state))
    },
  },
  {
    title: 'nothing is in quarantine',
    async run({ live }) {
      const told = new Told<readonly Quarantined[]>()
      live.watchQuarantine(told.told, told.failed)
      expect(await told.until(() => true)).toEqual([])
    },
  },
  {
    title: 'wake may be called at any time',
    async run({ live }) {
      live.wake()
      await live.setOffline(true)
      live.wake()
    },
  },
  {
    title: 'another page sees what this one does',
    async run(subject) {
      const other = await subject.page()
      const told = watching(other)
      await told.untilResult()
      await subject.live.create('jobs', job(), 'one')
      await told.untilResult((records) => records.length === 1)
      const base = told.result[0]!
      await other.update('jobs', 'one', { base, wanted: { ...base, title: 'by the other' } })
      expect((await subject.live.get('jobs', 'one'))?.title).toBe('by the other')
    },
  },
  {
    title: 'a page that closed is told nothing, and its calls are refused; the others go on',
    async run(subject) {
      const { live } = subject
      const other = await subject.page()
      const told = watching(live)
      await told.untilResult()
      await live.close()
      await other.create('jobs', job(), 'one')
      expect(told.ids).toEqual([])
      expect(await codeOf(live.get('jobs', 'one'))).toBe('LiveClosed closed')
      expect((await watching(live).untilFailed()).code).toBe('closed')
      expect((await other.get('jobs', 'one'))?.id).toBe('one')
    },
  },
]
