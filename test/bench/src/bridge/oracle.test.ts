/** An oracle that sees nothing would pass everything: each kind of harm is done once here, and must be seen. */
import type { JsonObject } from '@skerry/core'
import { describe, expect, it } from 'vitest'
import { type Edit, Oracle } from './oracle.ts'

const title: Edit = { ref: 'r', side: 'here', field: 'title', token: 't1' }
const tag: Edit = { ref: 'r', side: 'there', field: 'tags', token: 'a', stock: 3 }
const whole = { ref: 'r', title: 't1', tags: ['a'], stock: 3 }
const rowOf = ({ ref, title, tags, stock }: Partial<typeof whole>): JsonObject => ({
  Ref: ref ?? 'r',
  ...(title !== undefined && { Title: title }),
  ...(tags && { Tags: tags }),
  ...(stock !== undefined && { Stock: stock }),
})

function told(...edits: Edit[]): Oracle {
  const oracle = new Oracle()
  for (const edit of edits) {
    oracle.begins(edit)
    oracle.acknowledged(edit)
  }
  return oracle
}

function stored(oracle: Oracle, id: string, fields: JsonObject, key: string, isNew = false): void {
  const row = { type: 'jobs', id, version: '1', deleted: false, value: { Ref: 'r', ...fields } }
  oracle.stored({ row, fields, key, isNew })
}

const judged = (oracle: Oracle, record: Partial<typeof whole>, row = rowOf(record)) =>
  oracle.judge(new Map([['r', [record as JsonObject]]]), [row])

describe('the oracle', () => {
  it('is content when both sides have everything', () => {
    expect(judged(told(title, tag), whole)).toMatchObject({ diverged: 0, duplicates: 0, lost: 0 })
  })

  it('sees fields that differ, and a row that is not there', () => {
    expect(judged(told(title, tag), whole, rowOf({ ...whole, title: 't0' })).diverged).toBe(1)
    expect(told(title).judge(new Map([['r', [whole]]]), [])).toMatchObject({ lost: 1, diverged: 3 })
  })

  it('sees edits that are lost on both sides: a value, a tag, a part of a sum', () => {
    const later = { ...title, token: 't2' }
    expect(judged(told(title, later, tag), whole).lost).toBe(1)
    expect(judged(told(title, tag), { ...whole, tags: [], stock: 0 }).lost).toBe(1)
    expect(judged(told(title, tag), { ...whole, stock: 2 }).lost).toBe(1)
    expect(judged(told(title, tag), { tags: ['a'], stock: 3 }).lost).toBe(1)
  })

  it('lets an edit stand, or not, that was never acknowledged', () => {
    for (const standing of ['t1', 't2']) {
      const oracle = told(title)
      oracle.begins({ ...title, token: 't2' })
      oracle.begins({ ...tag, token: 'b' })
      expect(judged(oracle, { title: standing })).toMatchObject({ lost: 0, duplicates: 0 })
    }
  })

  it('sees what came twice: a row, a record, a tag, a sum, a call, a value that came back', () => {
    expect(judged(told(title, tag), { ...whole, tags: ['a', 'a'], stock: 6 }).duplicates).toBe(1)
    expect(judged(told(title, tag), { ...whole, stock: 6 }).duplicates).toBe(1)
    expect(told(title).judge(new Map([['r', [whole, whole]]]), [rowOf(whole)]).duplicates).toBe(2)
    const rows = told(title, tag)
    stored(rows, 'R1', {}, 'k1', true)
    stored(rows, 'R2', {}, 'k2', true)
    expect(judged(rows, whole).duplicates).toBe(1)
    const calls = told(title, tag)
    stored(calls, 'R1', { Owner: 'x' }, 'k1')
    stored(calls, 'R1', { Owner: 'x' }, 'k1')
    expect(judged(calls, whole).duplicates).toBe(1)
    const back = told(title, tag)
    for (const [i, value] of ['t0', 't1', 't0'].entries()) stored(back, 'R1', { Title: value }, `k${i}`)
    expect(judged(back, whole).duplicates).toBe(1)
  })
})
