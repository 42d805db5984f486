import { MemorySystem } from '@skerry/bridge'
import { encodeUtf8 } from '@skerry/core'
import { startEngine } from '@skerry/node'
import { beforeAll, describe, expect, test } from 'vitest'
import { append, problem, put, rewrite, told, unchanged, withEntries } from '../../test/audit-chain.ts'
import { auditEntries } from '../../test/audit-oracle.ts'
import { bridged, holdTimers, openNode } from '../../test/nodes.ts'
import { AUDIT_CUT_INTERVAL_MS, AUDIT_PAGE_ROWS, DAY_MS } from '../limits.ts'
import { tableOf } from '../tables.ts'
import { auditHash, encodeHead, NO_ENTRY, numberKey } from './audit-entry.ts'
import { auditHead, auditOf, keptValues } from './read-audit.ts'
import { verifyAudit } from './verify-audit.ts'

beforeAll(startEngine)

describe('B-150 LED-3 GOV-4: each entry holds the hash of the one before', () => {
  test('over appends that share a commit, commits and restarts', async () => {
    const node = await openNode()
    await Promise.all([
      append(node, [unchanged('jobs/1')]),
      append(node, [unchanged('jobs/2'), unchanged('jobs/3')]),
    ])
    const { disk, host } = node
    await node.replica.close()
    const again = await openNode({ disk, host })
    await append(again, [unchanged('jobs/4')])
    const entries = await auditEntries(again.replica, 'crm')
    expect(entries.map(({ n }) => n)).toEqual([1, 2, 3, 4])
    expect(entries[0]).toEqual({ n: 1, at: host.clock, prev: NO_ENTRY.hash, ...unchanged('jobs/1') })
    const head = await auditHead(again.replica, 'crm')
    expect(head).toEqual({ n: 4, hash: expect.stringMatching(/^[0-9a-f]{64}$/) })
    expect(await verifyAudit(again.replica, 'crm', host)).toEqual({ entries: 4, seal: NO_ENTRY, head })
  })

  test('an append that fails leaves nothing, a rehearsal neither', async () => {
    const node = await withEntries(1)
    const failing = node.replica.transact(async (transaction) => {
      transaction.tables.put(tableOf('crm', 'audit'), numberKey(2), encodeUtf8('{}'))
      throw new Error('stop')
    })
    await expect(failing).rejects.toThrow('stop')
    expect((await auditHead(node.replica, 'crm')).n).toBe(1)
    expect(await problem(node)).toBeUndefined()
    const system = new MemorySystem({ name: 'crm' })
    const { listen: _, ...quiet } = system.adapter()
    const { bridge } = await bridged(node, system, { adapter: quiet })
    await bridge.idle()
    system.edit('cases', {}, { Title: 'theirs' })
    const { n } = await auditHead(node.replica, 'crm')
    expect(await bridge.reconcile({ dryRun: true })).toMatchObject([{ rows: { made: 1 } }])
    expect((await auditHead(node.replica, 'crm')).n).toBe(n)
    await bridge.close()
  })

  test('an empty log is whole, and so is one of more than a page', async () => {
    expect(await problem(await openNode())).toBeUndefined()
    const node = await withEntries(AUDIT_PAGE_ROWS + 1)
    expect(await verifyAudit(node.replica, 'crm', node.host)).toMatchObject({ entries: AUDIT_PAGE_ROWS + 1 })
  })
})

describe('B-151 LED-3 GOV-4: what was changed is found, and where', () => {
  test('an entry that was changed, also the newest', async () => {
    const node = await withEntries(5)
    await rewrite(node, 5, { version: 'another' })
    expect(await problem(node)).toBe('entry 5 is another one than the log itself says')
    await rewrite(node, 3, { version: 'another' })
    expect(await problem(node)).toBe('entry 4 does not follow entry 3 as it is: one of the two was changed')
  })

  test('one that was taken out, cannot be read, or stands in the place of another', async () => {
    const node = await withEntries(5)
    await put(node, 'audit', numberKey(2), undefined)
    expect(await problem(node)).toBe('entry 2 is missing: entry 3 follows entry 1')
    await put(node, 'audit', numberKey(2), encodeUtf8('{'))
    expect(await problem(node)).toBe('entry 2 cannot be read')
    const other = await withEntries(2)
    await rewrite(other, 2, { n: 1 })
    expect(await problem(other)).toBe('entry 2 cannot be read')
  })

  test('one of its ends that cannot be read', async () => {
    for (const [kind, what] of [
      ['audit-head', 'the head of the audit log cannot be read'],
      ['audit-seal', 'the head of the audit log cannot be read'],
    ] as const) {
      const node = await withEntries(2)
      await put(node, kind, 'head', encodeUtf8('{'))
      expect(await problem(node)).toBe(what)
    }
  })

  test('one that is hidden from whoever asks for its record', async () => {
    const node = await withEntries(5)
    await put(node, 'audit-of', `jobs/1\n${numberKey(2)}`, undefined)
    expect(await problem(node)).toBe(
      'entry 2 is not among those about jobs/1: what leads to it was taken away',
    )
  })

  test('one that was added behind the end', async () => {
    const node = await withEntries(2)
    const { hash } = await auditHead(node.replica, 'crm')
    await put(node, 'audit', numberKey(3), encodeUtf8(JSON.stringify({ n: 3, prev: hash, kind: 'echo' })))
    expect(await problem(node)).toBe('the log ends with entry 3, and says itself that it ends with entry 2')
  })

  test('an end that was cut off, with its head, by whoever noted a later head elsewhere', async () => {
    const node = await withEntries(3)
    const earlier = await auditHead(node.replica, 'crm')
    await append(node, [unchanged('jobs/9')])
    const noted = await auditHead(node.replica, 'crm')
    expect(await problem(node, earlier)).toBeUndefined()
    expect(await problem(node, noted)).toBeUndefined()
    await put(node, 'audit', numberKey(4), undefined)
    await put(node, 'audit-head', 'head', encodeHead(earlier))
    expect(await problem(node)).toBeUndefined()
    expect(await problem(node, noted)).toBe('the log ends with entry 3, before entry 4, which was noted')
    await append(node, [unchanged('jobs/other')])
    expect(await problem(node, noted)).toBe('entry 4 is another one than was noted')
  })

  test('a log that is being written is whole at every moment', async () => {
    const node = await withEntries(AUDIT_PAGE_ROWS + 10)
    const verdicts = Array.from({ length: 5 }, () => verifyAudit(node.replica, 'crm', node.host))
    for (let i = 0; i < 20; i++) await append(node, [unchanged('jobs/1', `later ${i}`)])
    for (const verdict of await Promise.all(verdicts)) expect(verdict.problem).toBeUndefined()
  })
})

describe('B-154: values', () => {
  const secret = 'ana@example.org'

  test('are hashes that differ from record to record; what is empty is told as empty', async () => {
    const node = await openNode()
    const fact = {
      ...told('jobs/1', secret),
      values: { '/a': { was: secret, became: null }, '/b': { was: secret } },
    }
    await append(node, [fact, { ...fact, record: 'jobs/2' }, fact])
    const [first, second, third] = await auditEntries(node.replica, 'crm')
    expect(JSON.stringify([first, second, third])).not.toContain(secret)
    expect(first!.values).toEqual({
      '/a': { was: expect.stringMatching(/^[0-9a-f]{32}$/), became: null },
      '/b': { was: expect.stringMatching(/^[0-9a-f]{32}$/) },
    })
    expect(first!.values!['/b']).not.toEqual({ was: first!.values!['/a']!.was })
    expect(first!.reason).toMatch(/^[0-9a-f]{32}$/)
    expect(third!.values).toEqual(first!.values)
    expect(second!.values).not.toEqual(first!.values)
  })

  test('kept beside the log are held against it, and are in no entry', async () => {
    const node = await openNode()
    await append(node, [told('jobs/1', secret), unchanged('jobs/1')], true)
    expect(JSON.stringify(await auditEntries(node.replica, 'crm'))).not.toContain(secret)
    const key = { subject: 'jobs/1', number: numberKey(1) }
    expect(await keptValues(node.replica, 'crm', key)).toEqual({
      values: { '/title': { was: 'a', became: null } },
      reason: secret,
    })
    expect(await keptValues(node.replica, 'crm', { ...key, number: numberKey(2) })).toBeUndefined()
    expect(await problem(node)).toBeUndefined()
    const other = { values: { '/title': { was: 'b', became: null } }, reason: secret }
    await put(node, 'audit-values', `jobs/1\n${numberKey(1)}`, encodeUtf8(JSON.stringify(other)))
    expect(await problem(node)).toBe('the values kept of entry 1 are not those that it was written of')
    await put(node, 'audit-salts', 'jobs/1', undefined)
    expect(await problem(node)).toBe('values of entry 1 are kept, and the salt of jobs/1 is not')
  })
})

describe('B-151: salts', () => {
  const secret = 'ana@example.org'

  test('one that was replaced or taken away is noticed, though no values are kept', async () => {
    const node = await openNode()
    await append(node, [told('jobs/1', secret), told('jobs/2', secret), told('jobs/1', 'other')])
    expect(await problem(node)).toBeUndefined()
    await put(node, 'audit-salts', 'jobs/2', new Uint8Array(16))
    expect(await problem(node)).toBe(
      'the salt of jobs/2, of entry 2, is another one than it was written with',
    )
    await put(node, 'audit-salts', 'jobs/1', undefined)
    expect(await problem(node)).toBe('the salt of jobs/1, of entry 1, was taken away, and nobody erased it')
  })

  test('one that was erased is accounted for, with that of its row; not what was written after it', async () => {
    const node = await openNode()
    const aside = { kind: 'aside', type: 'cases', rowId: 'C1', version: 'v1', reason: secret } as const
    await append(node, [told('jobs/1', secret), aside])
    await put(node, 'audit-salts', 'jobs/1', undefined)
    await put(node, 'audit-salts', 'cases\nC1', undefined)
    const erased = { kind: 'erased', record: 'jobs/1', by: 'eve' } as const
    await append(node, [erased])
    expect(await problem(node)).toContain('the salt of cases C1, of entry 2, was taken away')
    await append(node, [{ ...erased, type: 'cases', rowId: 'C1' }])
    expect(await problem(node)).toBeUndefined()
    await append(node, [told('jobs/1', 'made again')])
    expect(await problem(node)).toBeUndefined()
    await put(node, 'audit-salts', 'jobs/1', undefined)
    expect(await problem(node)).toContain('the salt of jobs/1, of entry 5, was taken away')
  })

  test('entries of earlier versions, which say nothing of theirs, are whole', async () => {
    const node = await openNode()
    await append(node, [told('jobs/1', secret)])
    await rewrite(node, 1, { salt: undefined })
    const bytes = await node.replica.table(tableOf('crm', 'audit'), numberKey(1))
    await put(node, 'audit-head', 'head', encodeHead({ n: 1, hash: auditHash(node.host, bytes!) }))
    await put(node, 'audit-salts', 'jobs/1', undefined)
    expect(await problem(node)).toBeUndefined()
  })
})

describe('B-155: retention', () => {
  const days = (n: number) => n * DAY_MS

  test('what is too old goes, the rest is whole, and the cut is told in it', async () => {
    const node = await withEntries(AUDIT_PAGE_ROWS + 3)
    await append(node, [told('jobs/1', 'old')], true)
    const last = await auditHead(node.replica, 'crm')
    node.host.clock += days(10)
    await append(node, [unchanged('jobs/1', 'new')])
    // The next look is an hour away, and the clock of a test goes from timer to timer.
    holdTimers(node.host, AUDIT_CUT_INTERVAL_MS)
    const { bridge } = await bridged(node, new MemorySystem({ name: 'crm' }), { audit: { keepDays: 5 } })
    await bridge.idle()
    const entries = await auditEntries(node.replica, 'crm')
    expect(entries.map(({ kind }) => kind)).toEqual(['unchanged', 'started', 'cut', 'cut'])
    expect(entries.at(-1)).toMatchObject({ upTo: last.n, hash: last.hash, by: 'keepDays' })
    expect(await bridge.audit.verify()).toMatchObject({ entries: 4, seal: last })
    expect((await bridge.audit.verify()).problem).toBeUndefined()
    expect((await bridge.audit.verify(last)).problem).toBeUndefined()
    const own = []
    for await (const { n } of auditOf(node.replica, 'crm', 'jobs/1')) own.push(n)
    expect(own).toEqual([last.n + 1])
    expect(await node.replica.tableRows(tableOf('crm', 'audit-values'), { limit: 1 })).toEqual([])
    await bridge.close()
  })

  test('by hand, and never the newest entry', async () => {
    const node = await withEntries(4)
    const { bridge } = await bridged(node, new MemorySystem({ name: 'crm' }))
    node.host.clock += 1
    expect(await bridge.audit.cut({ before: node.host.clock, by: 'eve' })).toBe(4)
    expect(await bridge.audit.cut({ before: node.host.clock - 1, by: 'eve' })).toBe(0)
    expect(await bridge.audit.verify()).toMatchObject({ entries: 2, seal: { n: 4 } })
    await bridge.close()
    await expect(bridge.audit.cut({ before: node.host.clock })).rejects.toMatchObject({ code: 'closed' })
  })

  test('a seal that was moved is found; a link that is broken is not cut away', async () => {
    const node = await withEntries(6)
    node.host.clock += 1
    const { bridge } = await bridged(node, new MemorySystem({ name: 'crm' }))
    await rewrite(node, 3, { version: 'another' })
    expect(await bridge.audit.cut({ before: node.host.clock })).toBe(3)
    expect((await bridge.audit.verify()).problem).toBe(
      'entry 4 does not follow entry 3 as it is: one of the two was changed',
    )
    await bridge.close()
    const other = await withEntries(3)
    const [, second] = await auditEntries(other.replica, 'crm')
    await put(other, 'audit', numberKey(1), undefined)
    await put(other, 'audit-seal', 'head', encodeHead({ n: 1, hash: second!.prev }))
    expect(await problem(other)).toBe(
      'the log begins after entry 1, and says itself that it was cut off nowhere',
    )
  })
})

describe('B-156: a time of which nothing is told', () => {
  test('is told by the log itself, once', async () => {
    const node = await openNode()
    const system = new MemorySystem({ name: 'crm' })
    const kinds = async () => (await auditEntries(node.replica, 'crm')).map(({ kind }) => kind)
    const start = async (audit?: false) =>
      (await bridged(node, system, audit === false ? { audit } : {})).bridge.close()
    await start(false)
    expect(await kinds()).toEqual([])
    await start()
    await start(false)
    await start(false)
    await start()
    expect(await kinds()).toEqual(['started', 'stopped', 'started'])
    expect(await problem(node)).toBeUndefined()
  })

  test('names the mappings that it is written by, functions too', async () => {
    const node = await openNode()
    const system = new MemorySystem({ name: 'crm' })
    for (const to of [(v: unknown) => v, (v: unknown) => v, (v: unknown) => v ?? null])
      await (
        await bridged(node, system, {
          mappings: [
            { collection: 'jobs', type: 'cases', fields: { title: { field: 'Title', to: to as never } } },
          ],
        })
      ).bridge.close()
    const hashes = (await auditEntries(node.replica, 'crm')).map((entry) =>
      entry.kind === 'started' ? entry.mappings : '',
    )
    expect(hashes[0]).toBe(hashes[1])
    expect(hashes[0]).not.toBe(hashes[2])
  })
})
