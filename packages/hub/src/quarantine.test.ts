/** A device that wrote two changes under one sequence, at a hub with its sockets: found, shown to the operator, kept out, and let back in. */
import { fromHex, MemoryDisk, memoryStore, type Replica, toHex, verifyProof } from '@skerry/core'
import { credentialVerifier } from '@skerry/credentials'
import { nodeHost, openReplica } from '@skerry/node'
import { expect, it, onTestFinished } from 'vitest'
import { collections, issue, join, openEdge, type RunningHub, runHub, until } from './hub.test-support.ts'

const job = { title: 'pump', region: 'north', open: true, rank: 1 }

/** One device twice, as no honest one can be: a store begins a new run at each open, and these begin the same. */
async function twoLives(hub: RunningHub): Promise<Replica<typeof collections>[]> {
  const host = { ...nodeHost(), random: (bytes: number) => new Uint8Array(bytes).fill(7) }
  const open = async (disk: MemoryDisk, machine = nodeHost()) => {
    const { authority } = hub
    const store = memoryStore({ disk })
    return openReplica({ store, host: machine, authority, collections, space: 'acme' })
  }
  const disk = new MemoryDisk()
  const first = await open(disk)
  await first.setCredential(await issue(hub, first, 'tech:eve', {}))
  await first.close()
  const lives = [await open(disk.clone(), host), await open(disk.clone(), host)]
  for (const life of lives) onTestFinished(() => life.close())
  return lives
}

it('fault C6: its sessions end within 5 s, it stays out until the operator lifts it, and anybody can check the proof', async () => {
  const hub = await runHub()
  const ana = await openEdge(hub, 'tech:ana')
  const [one, two] = await twoLives(hub)
  await one!.jobs.create(job, { id: 'j1' })
  await two!.jobs.create({ ...job, title: 'another pump' }, { id: 'j1' })
  const first = join(hub, one!)
  await until(hub.replica, async () => (await hub.replica.collection('jobs').get('j1')) !== undefined)
  const isFound = until(hub.replica, async () => hub.replica.proofs().length > 0)
  const startedAt = performance.now()
  const second = join(hub, two!)
  await isFound
  expect(await first.firstEnd).toMatchObject({ code: expect.any(Number) })
  expect(await second.firstEnd).toMatchObject({ code: 4403 })
  expect(performance.now() - startedAt).toBeLessThan(5_000)
  await expect(join(hub, one!).link.opened()).rejects.toThrow('quarantine')
  expect(await (await fetch(`${hub.url}/metrics`)).text()).toContain('skerry_equivocations_total 1')
  expect(hub.logged.some((line) => line.includes('"code":"equivocation"'))).toBe(true)

  const { proofs } = (await (await hub.asAdmin('GET', '/api/v1/proofs')).json()) as {
    proofs: { key: string; actor: string }[]
  }
  const key = toHex(one!.publicKey)
  expect(proofs).toMatchObject([{ key, subject: 'tech:eve', record: 'jobs/j1', kept: true }])
  const told = await (await hub.asAdmin('GET', `/api/v1/proofs/${proofs[0]!.actor}`)).json()
  const bytes = new Uint8Array(Buffer.from((told as { proof: string }).proof, 'base64'))
  const host = nodeHost()
  const verifier = credentialVerifier({ space: 'acme', authority: hub.authority, sha256: host.sha256 })
  const proven = await verifyProof(bytes, { host, space: 'acme', verifier })
  expect(proven).toMatchObject({ key, record: 'jobs/j1' })
  const stranger = credentialVerifier({
    space: 'acme',
    authority: fromHex('ab'.repeat(32)),
    sha256: host.sha256,
  })
  await expect(verifyProof(bytes, { host, space: 'acme', verifier: stranger })).rejects.toThrow(
    'proves nothing',
  )

  // Others go on, and the operator decides.
  join(hub, ana.replica)
  await until(ana.replica, async () => (await ana.replica.jobs.get('j1'))?.title === 'pump')
  expect((await hub.asAdmin('DELETE', `/api/v1/quarantine/${'ab'.repeat(32)}`)).status).toBe(404)
  expect((await hub.asAdmin('DELETE', '/api/v1/quarantine/xyz')).status).toBe(400)
  expect((await hub.asAdmin('GET', `/api/v1/proofs/00${'0'.repeat(32)}`)).status).toBe(404)
  expect((await hub.asAdmin('DELETE', `/api/v1/quarantine/${key}`)).status).toBe(204)
  expect((await hub.asAdmin('DELETE', `/api/v1/quarantine/${key}`)).status).toBe(404)
  await join(hub, one!).link.opened()
})
