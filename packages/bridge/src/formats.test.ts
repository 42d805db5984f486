/** The durable forms: what is written today must be read by every later version. */

import { toHex } from '@skerry/core'
import { nodeHost } from '@skerry/node'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { externalIdOf, idempotencyKeyOf, importedId, recordNamed } from './ids.ts'
import { EXTERNAL_ID_LENGTH_MAX } from './limits.ts'
import { type Begun, decodeItem, encodeItem } from './outbox.ts'
import { decodeReview, encodeReview, type ReviewItem } from './review/item.ts'
import { decodeShadow, encodeShadow, type Shadow } from './shadow.ts'

const shadow: Shadow = {
  type: 'cases',
  rowId: 'CAS-1',
  externalId: 'skerry:job-1',
  version: '7',
  gone: false,
  incarnation: 0,
  value: { Title: 'a', Site: null },
  view: { title: 'a', inside: 'b' },
  heads: ['ab'.repeat(32)],
  seqs: { [`00${'cd'.repeat(16)}`]: 300 },
  owed: ['Site'],
  document: Uint8Array.of(1, 2, 3),
}

const begun: Begun = {
  state: 'begun',
  dueAt: 1_700_000_000_000,
  attempts: 1,
  wish: { action: 'upsert', fields: { Title: 'a' }, restore: false },
  type: 'cases',
  externalId: 'skerry:job-1',
  expectedVersion: null,
  idempotencyKey: 'k',
  heads: shadow.heads,
  view: { title: 'a' },
  seqs: { ...shadow.seqs },
  incarnation: 0,
  document: Uint8Array.of(1, 2, 3),
}

describe('shadow', () => {
  test('format 1, byte for byte', () => {
    expect(toHex(encodeShadow(shadow))).toMatchInlineSnapshot(
      `"0100056361736573054341532d310c736b657272793a6a6f622d31013700197b225469746c65223a2261222c2253697465223a6e756c6c7d1a7b227469746c65223a2261222c22696e73696465223a2262227d01abababababababababababababababababababababababababababababababab0100cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdac0201045369746503010203082f14e5"`,
    )
  })

  test('is read back as it was written', () => {
    expect(decodeShadow('jobs/1', encodeShadow(shadow))).toEqual(shadow)
    const anything = fc.record({
      type: fc.string({ maxLength: 80 }),
      rowId: fc.string({ maxLength: 80 }),
      externalId: fc.string({ maxLength: 80 }),
      version: fc.string({ maxLength: 80 }),
      gone: fc.boolean(),
      incarnation: fc.nat(),
      value: fc.dictionary(
        fc.string().filter((key) => key !== '__proto__'),
        fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null)),
        { noNullPrototype: true },
      ),
      document: fc.uint8Array(),
      owed: fc.array(fc.string({ maxLength: 20 })),
    })
    fc.assert(
      fc.property(anything, (parts) => {
        const one = { ...shadow, ...parts, document: Uint8Array.from(parts.document) }
        expect(decodeShadow('jobs/1', encodeShadow(one))).toEqual(one)
      }),
      { seed: 1, numRuns: 200 },
    )
  })

  test('damage is told, whichever bit it is', () => {
    const bytes = encodeShadow(shadow)
    for (let at = 0; at < bytes.length; at++) {
      const damaged = bytes.slice()
      damaged[at]! ^= 1
      expect(() => decodeShadow('jobs/1', damaged)).toThrow('the shadow of jobs/1 was damaged')
    }
    expect(() => decodeShadow('jobs/1', new Uint8Array(3))).toThrow()
  })
})

describe('outbox item', () => {
  test('format 1, byte for byte', () => {
    expect(toHex(encodeItem({ state: 'waiting', dueAt: 5, attempts: 0 }))).toMatchInlineSnapshot(
      `"012a7b227374617465223a2277616974696e67222c226475654174223a352c22617474656d707473223a307d00"`,
    )
    expect(toHex(encodeItem(begun))).toMatchInlineSnapshot(
      `"01f1027b227374617465223a22626567756e222c226475654174223a313730303030303030303030302c22617474656d707473223a312c2277697368223a7b22616374696f6e223a22757073657274222c226669656c6473223a7b225469746c65223a2261227d2c22726573746f7265223a66616c73657d2c2274797065223a226361736573222c2265787465726e616c4964223a22736b657272793a6a6f622d31222c22657870656374656456657273696f6e223a6e756c6c2c226964656d706f74656e63794b6579223a226b222c226865616473223a5b2261626162616261626162616261626162616261626162616261626162616261626162616261626162616261626162616261626162616261626162616261626162225d2c2276696577223a7b227469746c65223a2261227d2c2273657173223a7b2230306364636463646364636463646364636463646364636463646364636463646364223a3330307d2c22696e6361726e6174696f6e223a307d03010203"`,
    )
  })

  test('is read back as it was written', () => {
    const dead = {
      state: 'dead',
      wish: { action: 'delete' },
      reason: 'no',
      fields: ['Title'],
      seqs: {},
      at: 5,
    } as const
    for (const item of [
      begun,
      { state: 'waiting', dueAt: 5, attempts: 0 } as const,
      { ...dead, fields: ['Title'] },
    ])
      expect(decodeItem('jobs/1', encodeItem(item))).toEqual(item)
    expect(() => decodeItem('jobs/1', Uint8Array.of(9))).toThrow('jobs/1')
  })
})

describe('names that both sides compute', () => {
  const host = nodeHost()

  test('B-27 a row becomes one record, different for every system, type, id and incarnation', () => {
    const id = importedId(host, 'crm', 'cases', 'CAS-1', 0)
    expect(id).toMatchInlineSnapshot(`"xh1n69fc7pvp7ynah0shza0qqb7p3adage5g986rm"`)
    const others = [
      importedId(host, 'erp', 'cases', 'CAS-1', 0),
      importedId(host, 'crm', 'case', 'sCAS-1', 0),
      importedId(host, 'crm', 'cases', 'CAS-1', 1),
    ]
    expect(new Set([id, ...others]).size).toBe(4)
  })

  test('B-04 an external id leads back to its record; too long a one is hashed', () => {
    expect(externalIdOf(host, 'jobs/job-1')).toBe('skerry:job-1')
    expect(recordNamed('jobs', 'skerry:job-1')).toBe('jobs/job-1')
    expect(recordNamed('jobs', 'CAS-77')).toBeUndefined()
    const longest = 'x'.repeat(EXTERNAL_ID_LENGTH_MAX - 'skerry:'.length)
    expect(recordNamed('jobs', externalIdOf(host, `jobs/${longest}`))).toBe(`jobs/${longest}`)
    const hashed = externalIdOf(host, `jobs/${longest}x`)
    expect(hashed.length).toBeLessThanOrEqual(EXTERNAL_ID_LENGTH_MAX)
    expect(recordNamed('jobs', hashed)).toBeUndefined()
  })

  test('B-06 one call, one key', () => {
    const frozen = { record: 'jobs/1', action: 'upsert', heads: ['a'], expectedVersion: 'v1' } as const
    expect(idempotencyKeyOf(host, frozen)).toMatchInlineSnapshot(
      `"83ca204704b0eaca2e12b431cf3478cbfa2c850780ab46eb"`,
    )
    const others = [
      { record: 'jobs/2' },
      { action: 'delete' as const },
      { heads: ['b'] },
      { expectedVersion: 'v2' },
      { expectedVersion: null },
    ]
    const keys = [frozen, ...others.map((other) => ({ ...frozen, ...other }))].map((one) =>
      idempotencyKeyOf(host, one),
    )
    expect(new Set(keys).size).toBe(6)
  })
})

describe('review', () => {
  const item: ReviewItem = {
    fields: {
      title: {
        agreed: 'a',
        ours: 'b',
        theirs: null,
        oursAt: 5,
        theirsBy: 'office',
        reason: 'a person decides',
        since: 7,
      },
    },
    whole: {
      agreed: { title: 'a' },
      ours: null,
      theirs: { title: 'c' },
      row: { type: 'cases', id: 'CAS-1', version: '3', deleted: false, value: { Title: 'c' } },
      reason: 'deleted here, and edited in crm',
      since: 8,
    },
  }

  test('format 1, byte for byte', () => {
    expect(new TextDecoder().decode(encodeReview(item))).toBe(
      '{"format":1,"fields":{"title":{"agreed":"a","ours":"b","theirs":null,"oursAt":5,"theirsBy":"office","reason":"a person decides","since":7}},"whole":{"agreed":{"title":"a"},"ours":null,"theirs":{"title":"c"},"row":{"type":"cases","id":"CAS-1","version":"3","deleted":false,"value":{"Title":"c"}},"reason":"deleted here, and edited in crm","since":8}}',
    )
    expect(decodeReview('jobs/1', encodeReview(item))).toEqual(item)
  })

  test('one that cannot be read says what to do', () => {
    for (const wrong of ['', '{', '{"format":2,"fields":{}}'])
      expect(() => decodeReview('jobs/1', new TextEncoder().encode(wrong))).toThrow(
        'the review of jobs/1 cannot be read; restore this node, or upgrade it',
      )
  })
})
