/** The hub: saved, standing, outbox, aside, the state of the line. */
import type { AsideEdit, Standing } from '@skerry/core'
import { expect } from 'vitest'
import type { SyncState, Waiting } from '../port.ts'
import { type LiveCase, watching } from './case.ts'
import { codeOf } from './edit-cases.ts'
import { type Job, job } from './jobs.ts'
import type { LiveSubject } from './subject.ts'
import { Told } from './told.ts'

function watchSync({ live }: LiveSubject): Told<SyncState> {
  const told = new Told<SyncState>()
  live.watchSync(told.told, told.failed)
  return told
}

function watchAside({ live }: LiveSubject): Told<readonly AsideEdit[]> {
  const told = new Told<readonly AsideEdit[]>()
  live.watchAside(told.told, told.failed)
  return told
}

/** An edit that the hub refuses: it leaves the channels that this device may write. */
async function refusedEdit(subject: LiveSubject): Promise<{ id: string; aside: Told<readonly AsideEdit[]> }> {
  const { live } = subject
  const aside = watchAside(subject)
  const id = await live.create('jobs', job({ title: 'before' }))
  await live.saved('jobs', id, 'hub')
  await live.setOffline(true)
  const base = (await live.get('jobs', id))!
  await live.update('jobs', id, { base, wanted: { ...base, site: 'PDX' } })
  await live.setOffline(false)
  await aside.until((edits) => edits.length === 1)
  return { id, aside }
}

export const lineCases: readonly LiveCase[] = [
  {
    title: 'saved: here at once, at the hub when it answered, and not while the app stays off the network',
    async run(subject) {
      const { live, space } = subject
      const sync = watchSync(subject)
      await sync.until(({ phase }) => phase === 'open')
      const id = await live.create('jobs', job({ title: 'out' }))
      await live.saved('jobs', id, 'here')
      await live.saved('jobs', id, 'hub')
      expect((await space.hub.jobs.get(id))?.title).toBe('out')
      await live.setOffline(true)
      const later = await live.create('jobs', job())
      const stop = new AbortController()
      const waiting = codeOf(live.saved('jobs', later, 'hub', stop.signal))
      stop.abort()
      expect(await waiting).toBe('AbortError aborted')
    },
  },
  {
    title: 'what the hub tells reaches the watches',
    async run({ live, space }) {
      const told = watching(live)
      await space.hub.jobs.create(job({ title: 'from the office' }) as Job, { id: 'one' })
      const [record] = await told.untilResult((records) => records.length === 1)
      expect(record).toEqual({ ...job({ title: 'from the office' }), id: 'one' })
      await space.hub.jobs.update('one', (draft) => {
        draft.title = 'changed there'
      })
      await told.untilResult(([first]) => first?.title === 'changed there')
    },
  },
  {
    title: 'the state of the line: its phase, what is pending, who this is',
    async run(subject) {
      const { live } = subject
      const sync = watchSync(subject)
      const open = await sync.until(({ phase, pending }) => phase === 'open' && pending === 0)
      expect(open).toMatchObject({ aside: 0, reason: undefined, credential: { subject: 'tech:ana' } })
      await live.setOffline(true)
      expect((await sync.until(({ phase }) => phase === 'off')).reason?.code).toBe('offline')
      await live.create('jobs', job())
      const id = await live.create('jobs', job())
      const base = (await live.get('jobs', id))!
      await live.update('jobs', id, { base, wanted: { ...base, title: 'x' } })
      await sync.until(({ pending }) => pending === 3)
      await live.setOffline(false)
      await sync.until(({ phase, pending }) => phase === 'open' && pending === 0)
    },
  },
  {
    title: 'the outbox: one item for each record, the oldest first, at most so many',
    async run({ live }) {
      await live.setOffline(true)
      const [all, one] = [new Told<readonly Waiting[]>(), new Told<readonly Waiting[]>()]
      live.watchOutbox(10, all.told, all.failed)
      live.watchOutbox(1, one.told, one.failed)
      await all.until((waiting) => waiting.length === 0)
      const ids = [await live.create('jobs', job()), await live.create('jobs', job())]
      const base = (await live.get('jobs', ids[0]!))!
      await live.update('jobs', ids[0]!, { base, wanted: { ...base, title: 'x' } })
      const waiting = await all.until(([first]) => first?.edits === 2)
      expect(waiting.map(({ collection, id, edits }) => [collection, id, edits])).toEqual([
        ['jobs', ids[0], 2],
        ['jobs', ids[1], 1],
      ])
      expect(Math.abs(waiting[0]!.since - Date.now())).toBeLessThan(60_000)
      expect((await one.until(([first]) => first?.edits === 2)).length).toBe(1)
      await live.setOffline(false)
      await all.until((left) => left.length === 0)
    },
  },
  {
    title: 'to stay off the network is kept over a loss of power',
    async run(subject) {
      await subject.live.setOffline(true)
      const live = await subject.afterPowerLoss()
      const sync = new Told<SyncState>()
      live.watchSync(sync.told, sync.failed)
      expect((await sync.until(() => true)).phase).toBe('off')
    },
  },
  {
    title: 'standing: pending at the hub, then saved',
    async run({ live }) {
      await live.setOffline(true)
      const id = await live.create('jobs', job())
      const told = new Told<Readonly<Record<string, readonly Standing[]>>>()
      live.watchStanding({ collection: 'jobs', id, places: ['hub', 'crm'] }, told.told, told.failed)
      const states = (place: string) => [...new Set(told.last?.[place]?.map(({ state }) => state))]
      await told.until(() => states('hub').join() === 'pending')
      await live.setOffline(false)
      await told.until(() => states('hub').join() === 'saved')
      expect(states('crm')).toEqual(['pending'])
    },
  },
  {
    title: 'HONEST: an edit that the hub refuses is set aside with its words, and can be dropped',
    async run(subject) {
      const { live } = subject
      const { id, aside } = await refusedEdit(subject)
      const [edit] = aside.last!
      expect(edit).toMatchObject({ record: `jobs/${id}`, code: 'channel-not-granted' })
      expect(edit!.reason).not.toBe('')
      expect((await live.get('jobs', id))?.site).toBe('SEA')
      await live.dropAside(edit!.key)
      expect(await aside.until((edits) => edits.length === 0)).toEqual([])
      expect(await codeOf(live.dropAside(edit!.key))).not.toBe('not refused')
    },
  },
  {
    title: 'an edit that was set aside is written again',
    async run(subject) {
      const { live } = subject
      const { id, aside } = await refusedEdit(subject)
      await live.setOffline(true)
      await live.reapply(aside.last![0]!.key)
      await aside.until((edits) => edits.length === 0)
      expect((await live.get('jobs', id))?.site).toBe('PDX')
    },
  },
  {
    title: 'receipts of a record that nobody answered are none',
    async run({ live }) {
      const id = await live.create('jobs', job())
      expect(await live.receipts('jobs', id)).toEqual([])
      expect(await codeOf(live.saved('jobs', 'none', 'hub'))).toBe('RecordNotFound not-found')
    },
  },
  {
    title: 'a credential is given, shown and refused',
    enrolled: false,
    async run(subject) {
      const { live, space } = subject
      const sync = watchSync(subject)
      expect((await sync.until(() => true)).credential).toBeUndefined()
      expect(await codeOf(live.setCredential('no token'))).toBe('CredentialError credential-malformed')
      await live.setCredential(space.token())
      const { credential } = await sync.until((state) => state.credential !== undefined)
      expect(credential).toEqual({
        subject: 'tech:ana',
        expiresAt: 4_000_000_000_000,
        read: ['site:SEA'],
        write: ['site:SEA'],
      })
    },
  },
]
