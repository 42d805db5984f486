import { expect, test } from 'vitest'
import type { Client } from './client.ts'
import { typeOfFacts } from './describe.ts'
import { Facts } from './facts.ts'

/** What the schema says of a numeric field whose digits the server tells so. */
async function scaleOf(digits: unknown): Promise<number | undefined> {
  const field = { type: 'numeric', string: 'Price', ...(digits !== undefined && { digits }) }
  const client = { call: async () => ({ kind: 'result', value: { price: field } }) }
  const told = await new Facts(client as unknown as Client).of('sale.line', {
    signal: new AbortController().signal,
  })
  if (told.kind !== 'facts') throw new Error(told.reason)
  return typeOfFacts('sale.line', told.facts).fields[0]?.scale
}

test.each([
  ['[16, 2]', 2],
  ['[null, 4]', 4],
  ['[16, 0]', 0],
  ['null', undefined],
  ['[16, {"__class__": "Eval", "v": "currency_digits", "d": 2}]', undefined],
  ['[16, null]', undefined],
  ['[16', undefined],
  [7, undefined],
  [undefined, undefined],
])('TR-47: of digits told as %j, %j stand behind the point', async (digits, scale) => {
  expect(await scaleOf(digits)).toBe(scale)
})
