import { decodeUtf8, encodeUtf8 } from '@skerry/core'
import { describe, expect, test } from 'vitest'
import { openNode, type TestNode } from '../../test/nodes.ts'
import { AUDIT_PAGE_ROWS } from '../limits.ts'
import { type AuditFact, NO_ENTRY } from './audit-entry.ts'
import { appendAudit, auditHead, auditOf, auditRows } from './audit-trail.ts'
import { lineageOf } from './lineage.ts'
import { verifyAudit } from './verify-audit.ts'

const echo = (record: string, version = 'v1'): AuditFact => ({
  kind: 'echo',
  record,
  type: 'cases',
  rowId: '7',
  version,
})

const append = ({ replica, host }: TestNode, ...facts: AuditFact[]) =>
  replica.transact(async (transaction) => {
    for (const fact of facts) await appendAudit(transaction, 'crm', host, fact)
  })

const put = ({ replica }: TestNode, table: string, key: string, value: Uint8Array | undefined) =>
  replica.transact(async (transaction) => transaction.tables.put(table, key, value))

const key = (n: number) => String(n).padStart(15, '0')
const problem = async ({ replica, host }: TestNode, noted?: { n: number; hash: string }) =>
  (await verifyAudit(replica, 'crm', host, noted)).problem

async function withEntries(count: number): Promise<TestNode> {
  const node = await openNode()
  await append(node, ...Array.from({ length: count }, (_, i) => echo(`jobs/${i % 3}`, `v${i}`)))
  return node
}

async function rewrite(
  node: TestNode,
  n: number,
  change: (entry: { version?: string }) => void,
): Promise<void> {
  const bytes = await node.replica.table('bridge/crm/audit', key(n))
  const entry = JSON.parse(decodeUtf8(bytes!)!) as { version?: string }
  change(entry)
  await put(node, 'bridge/crm/audit', key(n), encodeUtf8(JSON.stringify(entry)))
}

describe('B-150: each entry holds the hash of the one before', () => {
  test('over turns that share a commit, commits and restarts', async () => {
    const node = await openNode()
    await Promise.all([append(node, echo('jobs/1')), append(node, echo('jobs/2'), echo('jobs/3'))])
    const { disk, host } = node
    await node.replica.close()
    const again = await openNode({ disk, host })
    await append(again, echo('jobs/4'))
    const rows = []
    for await (const { n, bytes } of auditRows(again.replica, 'crm'))
      rows.push([n, JSON.parse(decodeUtf8(bytes)!)] as const)
    expect(rows.map(([n]) => n)).toEqual([1, 2, 3, 4])
    expect(rows[0]![1]).toEqual({ n: 1, at: host.clock, prev: NO_ENTRY, ...echo('jobs/1') })
    const { n, hash } = await auditHead(again.replica, 'crm')
    expect(n).toBe(4)
    expect(hash).toMatch(/^[0-9a-f]{64}$/)
    expect(await verifyAudit(again.replica, 'crm', host)).toEqual({ entries: 4, head: { n, hash } })
  })

  test('a turn that fails leaves nothing', async () => {
    const node = await withEntries(1)
    const failing = node.replica.transact(async (transaction) => {
      await appendAudit(transaction, 'crm', node.host, echo('jobs/9'))
      throw new Error('stop')
    })
    await expect(failing).rejects.toThrow('stop')
    expect((await auditHead(node.replica, 'crm')).n).toBe(1)
    expect(await problem(node)).toBeUndefined()
  })

  test('an empty log is whole, and so is one of more than a page', async () => {
    expect(await problem(await openNode())).toBeUndefined()
    const node = await withEntries(AUDIT_PAGE_ROWS + 1)
    expect(await verifyAudit(node.replica, 'crm', node.host)).toMatchObject({ entries: AUDIT_PAGE_ROWS + 1 })
  })
})

describe('B-151: what was changed is found, and where', () => {
  test('a value that was changed', async () => {
    const node = await withEntries(5)
    await rewrite(node, 3, (entry) => {
      entry.version = 'another'
    })
    expect(await problem(node)).toBe('entry 4 does not follow entry 3 as it is: one of the two was changed')
  })

  test('the newest one', async () => {
    const node = await withEntries(3)
    await rewrite(node, 3, (entry) => {
      entry.version = 'another'
    })
    expect(await problem(node)).toContain('ends with entry 3, and says itself')
  })

  test('one that was taken out, or cannot be read', async () => {
    const node = await withEntries(5)
    await put(node, 'bridge/crm/audit', key(2), undefined)
    expect(await problem(node)).toBe('entry 2 is missing: entry 3 follows entry 1')
    await put(node, 'bridge/crm/audit', key(2), encodeUtf8('{'))
    expect(await problem(node)).toBe('entry 2 cannot be read')
  })

  test('an end that was cut off, with its head, by whoever noted a later head elsewhere', async () => {
    const node = await withEntries(3)
    const earlier = await auditHead(node.replica, 'crm')
    await append(node, echo('jobs/9'))
    const noted = await auditHead(node.replica, 'crm')
    expect(await problem(node, earlier)).toBeUndefined()
    expect(await problem(node, noted)).toBeUndefined()
    await put(node, 'bridge/crm/audit', key(4), undefined)
    await put(node, 'bridge/crm/audit-head', 'head', encodeUtf8(JSON.stringify(earlier)))
    expect(await problem(node)).toBeUndefined()
    expect(await problem(node, noted)).toBe('the log ends with entry 3, before entry 4, which was noted')
    await append(node, echo('jobs/other'))
    expect(await problem(node, noted)).toBe('entry 4 is another one than was noted')
  })
})

describe('B-152: the lineage of a value', () => {
  const begun: AuditFact = {
    kind: 'begun',
    record: 'jobs/1',
    type: 'cases',
    rowId: '7',
    action: 'upsert',
    fields: { Title: 'New pump', Status: 'open' },
    from: { Title: 'title', Status: 'status' },
    expectedVersion: 'v1',
    key: 'k1',
    heads: [],
    edits: { '00aa': 3 },
  }
  const answered: AuditFact = {
    kind: 'answered',
    record: 'jobs/1',
    key: 'k1',
    answer: 'done',
    rowId: '7',
    version: 'v2',
  }
  const taken: AuditFact = {
    kind: 'taken',
    record: 'jobs/1',
    type: 'cases',
    rowId: '7',
    version: 'v3',
    by: 'office',
    deleted: false,
    fields: { title: { was: 'New pump', theirs: 'Old pump', became: 'New pump', rule: 'this-side' } },
    heads: [],
  }

  test('names the write, its answer, and what the other side said to it', async () => {
    const node = await openNode()
    await append(node, begun, echo('jobs/2'), answered, echo('jobs/1', 'v2'), taken)
    const steps = await lineageOf(node.replica, 'crm', 'jobs/1', 'title')
    expect(steps.map(({ n, words, value }) => [n, words, value])).toEqual([
      [1, 'Title of cases 7 of crm is to be written, from edits of 1 device', 'New pump'],
      [3, 'crm answered done, row 7 in version v2', undefined],
      [
        5,
        'cases 7 of crm in version v3 by office says "Old pump", which is overruled (this-side)',
        'New pump',
      ],
    ])
  })

  test('leaves out what is about other fields, and other records whose names begin alike', async () => {
    const node = await openNode()
    await append(node, { ...begun, fields: { Status: 'open' } }, answered, {
      ...begun,
      record: 'jobs/10',
      key: 'k2',
    })
    expect(await lineageOf(node.replica, 'crm', 'jobs/1', 'title')).toEqual([])
    expect((await lineageOf(node.replica, 'crm', 'jobs/1')).map(({ kind }) => kind)).toEqual([
      'begun',
      'answered',
    ])
    const entries = []
    for await (const { record } of auditOf(node.replica, 'crm', 'jobs/10')) entries.push(record)
    expect(entries).toEqual(['jobs/10'])
  })
})
