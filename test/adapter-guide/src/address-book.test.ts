import { adapterContract, change, create, type OpenContractSystem, rowIn } from '@skerry/bridge/testing'
import type { JsonObject } from '@skerry/core'
import { expect, onTestFinished, test } from 'vitest'
import { AddressBook, CARD_BYTES_MAX } from './address-book.ts'
import { AddressBookAdapter } from './address-book-adapter.ts'

const open =
  (rewrites: boolean): OpenContractSystem =>
  async () => {
    const book = new AddressBook({ rewrites })
    const bookUrl = await book.open()
    const adapter = () => new AddressBookAdapter({ bookUrl, user: 'us', password: 'correct horse' })
    let others = 0
    return {
      adapter: adapter(),
      again: adapter,
      type: 'cards',
      fields: { title: 'FN', note: 'NOTE' },
      poison: { fields: { NOTE: 'x'.repeat(CARD_BYTES_MAX) }, reason: /max-resource-size/ },
      lacks: {
        describe: 'a card may have any property, and no server lists them',
        bulk: 'a card is written by itself',
        listen: 'the server does not call',
      },
      create: async (fields) => {
        others += 1
        const name = `other-${others}.vcf`
        book.put(name, textOf({ ...fields, UID: `other-${others}` }))
        return { id: name }
      },
      edit: async (id, fields) =>
        void book.put(id, textOf({ ...fieldsOf(book.members.get(id)!.text!), ...fields })),
      remove: async (id) => void book.put(id, undefined),
      rows: async () =>
        [...book.members.values()].map(({ name, text }) => ({
          id: name,
          externalId: name.replace(/\.vcf$/, ''),
          deleted: text === undefined,
          value: fieldsOf(text ?? ''),
        })),
      requests: async () => book.requests,
      faults: {
        ...book.faults,
        exhaustQuota: async (next) => {
          book.strike(next, (response) =>
            response.writeHead(next === 'read' ? 503 : 429, { 'retry-after': '3' }).end('slowly'),
          )
          return { retryAfterMs: 3_000 }
        },
        garbleAnswer: async (next) =>
          book.strike(next, (response, carryOut) => {
            carryOut()
            response.writeHead(200).end('<html>please log in</html>')
          }),
        expireTokens: { never: 'a password does not end by itself' },
        refuseIdentity: async () => {
          book.password = 'another one'
        },
        expirePositions: async () => book.forgetTokens(),
        dropField: { never: 'a card may have any property' },
        commitLate: { never: 'changes are numbered as they become visible' },
      },
      close: () => book.close(),
    }
  }

/** As another program would write it. */
function textOf(fields: JsonObject): string {
  const lines = Object.entries(fields).map(
    ([name, value]) => `${name}:${String(value).replace(/[\\,]/g, '\\$&').replace(/\n/g, '\\n')}`,
  )
  return ['BEGIN:VCARD', 'VERSION:4.0', ...lines, 'END:VCARD', ''].join('\r\n')
}

function fieldsOf(text: string): JsonObject {
  const lines = text.replace(/\r\n /g, '').matchAll(/^(FN|NOTE|UID):(.*)\r$/gm)
  return Object.fromEntries(
    [...lines].map(([, name, raw]) => [
      name,
      raw!.replace(/\\(.)/g, (_, char) => (char === 'n' ? '\n' : char)),
    ]),
  )
}

adapterContract('an address book', open(false))
adapterContract('an address book that keeps cards in its own way', open(true))

const call = { signal: new AbortController().signal }

async function opened() {
  const book = new AddressBook()
  const bookUrl = await book.open()
  onTestFinished(() => book.close())
  return { book, adapter: new AddressBookAdapter({ bookUrl, user: 'us', password: 'correct horse' }) }
}

test('what other programs wrote stays in a card, line by line', async () => {
  const { book, adapter } = await opened()
  const lines = [
    'BEGIN:VCARD',
    'VERSION:4.0',
    'N:Byron;Ada;;;',
    'FN;LANGUAGE=en:Ada',
    'item1.TEL;TYPE="work,voice";VALUE=uri:tel:+1-555',
    'item1.X-LABEL:the \\;lab',
    'NOTE:one\\, two\\nthree',
    'END:VCARD',
    '',
  ]
  book.put('ada.vcf', lines.join('\r\n').replace('VALUE=', 'VAL\r\n UE='))
  const row = rowIn(await adapter.read('cards', { id: 'ada.vcf' }, call))
  expect(row.value).toEqual({
    N: 'Byron;Ada;;;',
    FN: 'Ada',
    TEL: 'tel:+1-555',
    'X-LABEL': 'the \\;lab',
    NOTE: 'one, two\nthree',
  })
  const title = `Countess, of ${'Lövelace '.repeat(20)}`
  const written = await adapter.upsert('cards', change(row, { FN: title, NOTE: null, TITLE: 'a\\b' }), call)
  expect(rowIn(written)).toMatchObject({ value: { FN: title, TITLE: 'a\\b' } })
  const text = book.members.get('ada.vcf')!.text!
  expect(text.split('\r\n').every((line) => Buffer.byteLength(line) <= 75)).toBe(true)
  expect(text.replace(/\r\n /g, '').split('\r\n')).toEqual([
    ...lines.slice(0, 3),
    `FN;LANGUAGE=en:${title.replace(',', '\\,')}`,
    ...lines.slice(4, 6),
    'TITLE:a\\\\b',
    ...lines.slice(7),
  ])
})

test.each(['', '.', '..'])('the name %j is no card, and nothing is asked about it', async (id) => {
  const { book, adapter } = await opened()
  book.put('ada.vcf', textOf({ FN: 'Ada' }))
  expect(await adapter.read('cards', { id }, call)).toEqual({ kind: 'absent' })
  const request = { id, externalId: '', idempotencyKey: 'key' }
  expect(await adapter.delete('cards', request, call)).toMatchObject({ kind: 'done', row: { deleted: true } })
  expect(book.requests).toBe(0)
})

test('what no card can have is refused by name, and nothing is asked', async () => {
  const { book, adapter } = await opened()
  const fields = { FN: 'Ada', UID: 'another', note: 'small letters', ORG: { name: 'an object' } }
  const answer = await adapter.upsert('cards', create('skerry:1', fields), call)
  expect(answer).toMatchObject({ kind: 'rejected', fields: ['UID', 'note', 'ORG'] })
  expect(book.requests).toBe(0)
})
