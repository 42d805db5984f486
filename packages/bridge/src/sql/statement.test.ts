import { expect, test } from 'vitest'
import { joined, raw, sql } from './statement.ts'

test('SQ-13 what is no piece of SQL is bound, in the order in which it stands', () => {
  const name = raw('"title"')
  const pieces = [sql`${name} = ${"o'clock"}`, sql`note = ${null}`]
  const statement = sql`UPDATE things SET ${joined(pieces, ', ')} WHERE id = ${'7'}`
  expect(statement.rendered((number) => `$${number}`)).toEqual({
    text: 'UPDATE things SET "title" = $1, note = $2 WHERE id = $3',
    values: ["o'clock", null, '7'],
  })
})

test('SQ-13 a database that does not number its placeholders gets them in order', () => {
  expect(sql`a = ${'1'} AND b = ${'2'}`.rendered(() => '?')).toEqual({
    text: 'a = ? AND b = ?',
    values: ['1', '2'],
  })
})
