/** `skerry enrol` beside a running hub: the code works, once, and is told in letters, as a link and as a picture. */
import { enrolDevice } from '@skerry/credentials'
import { expect, test, vi } from 'vitest'
import { run } from '../src/program.ts'
import { configFolder, skerry, startHub } from './skerry.ts'

vi.setConfig({ testTimeout: 240_000 })

const publicKey = new Uint8Array(32).fill(7)
const grant = ['--subject', 'tech:ana', '--read', 'region:north', '--write', 'region:north']

test('EN-1 EN-2: the code and the link that are printed enrol a device', async () => {
  const hub = await startHub()
  const where = ['--hub', hub.url, '--store', hub.store]
  const { code, out, err } = await skerry(['enrol', ...grant, ...where, '--app', 'https://field.example/app'])
  expect(code).toBe(0)
  const [letters, link] = out.trim().split('\n')
  expect(link).toBe(`https://field.example/app/#enrol=${letters}`)
  expect(err).toContain('for tech:ana, once, until 20')
  expect(await enrolDevice({ hub: hub.url }, { code: letters!, publicKey })).toMatchObject({
    subject: 'tech:ana',
    space: 'acme',
  })
  const asJson = await skerry(['enrol', ...grant, ...where, '--minutes', '5', '--days', '30', '--json'])
  const made = JSON.parse(asJson.out) as { code: string; link: string; usableUntil: string }
  expect(made.link).toBe(`${hub.url}/#enrol=${made.code}`)
  expect(Date.parse(made.usableUntil) - Date.now()).toBeLessThan(5 * 60_000 + 1)
  const { expiresAt } = await enrolDevice({ hub: hub.url }, { code: made.code, publicKey })
  expect(Math.abs(Date.parse(expiresAt) - Date.now() - 30 * 86_400_000)).toBeLessThan(60_000)

  const said = { out: '', err: '' }
  const inTerminal = await run(['enrol', ...grant, ...where], {
    print: (text) => {
      said.out += text
    },
    note: (text) => {
      said.err += text
    },
    isTty: true,
    color: false,
    env: {},
    folder: configFolder,
    readStdin: async () => '',
  })
  expect(inTerminal).toBe(0)
  expect(said.out).not.toContain('█')
  expect(said.err).toContain('█')
})

test('where the hub is must be known: a config whose port is any is a usage error, no admin token one of credentials', async () => {
  const anyPort = await skerry(['enrol', ...grant])
  expect(anyPort).toMatchObject({ code: 2, err: expect.stringContaining('say --hub') })
  const noToken = await skerry(['enrol', ...grant, '--hub', 'http://127.0.0.1:9'])
  expect(noToken).toMatchObject({ code: 4, err: expect.stringContaining('SKERRY_ADMIN_TOKEN') })
})
