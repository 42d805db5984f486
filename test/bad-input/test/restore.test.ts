/** S10, O3: a hub whose store was set back by `restore`: what its devices have of what came later, they tell it again. */
import { join } from 'node:path'
import { backupSqlite, restoreSqlite } from '@skerry/store-sqlite'
import { expect, test } from 'vitest'
import { atHub, enrolled, joinHub, seen, startSpace, temporaryFolder } from '../src/space.ts'

test('fault S10: a hub restored from a backup that was made while it ran gets back from its devices what it lost', async () => {
  const space = await startSpace()
  const ana = await enrolled(space, { subject: 'tech:ana' })
  const ben = await enrolled(space, { subject: 'tech:ben' })
  const links = [ana, ben].map((device) => joinHub(space.hub, device).link)
  const create = async (id: string) => {
    await ana.replica.jobs.create({ title: id, region: 'north' }, { id })
    await ana.replica.jobs.saved(id, 'hub')
  }
  await create('before')
  const file = join(temporaryFolder(), 'backup.db')
  backupSqlite(space.store, file)
  await create('after')
  await seen(ben, 'after')
  const { runs } = space.hub.replica.session
  await Promise.all(links.map((link) => link.close()))
  await space.hub.close()

  restoreSqlite(file, space.store, { replace: true })
  const back = await startSpace({ store: space.store })
  expect(back.hub.replica.session.runs.map(({ run }) => run)).not.toEqual(runs.map(({ run }) => run))
  expect(await back.hub.replica.collection('jobs').get('before')).toBeDefined()
  expect(await back.hub.replica.collection('jobs').get('after')).toBeUndefined()
  // What it acknowledged and lost is not saved at the hub any more, until it is there again.
  joinHub(back.hub, ana)
  joinHub(back.hub, ben)
  await atHub(back, 'after')
  await ana.replica.jobs.saved('after', 'hub')
  await ben.replica.jobs.update('after', (job) => {
    job.title = 'edited since'
  })
  await ben.replica.jobs.saved('after', 'hub')
  expect(await back.hub.replica.collection('jobs').get('after')).toMatchObject({ title: 'edited since' })
})
