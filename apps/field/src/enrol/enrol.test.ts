/** Signing in where another hub answers than the one that the device belongs to. */
import { memoryStore } from '@skerry/core'
import { type Authority, createAuthority, issueCredential } from '@skerry/credentials'
import { collections, SPACE } from '@skerry/field-service'
import { liveOver } from '@skerry/live'
import { nodeHost, openReplica } from '@skerry/node'
import { expect, onTestFinished, test } from 'vitest'
import { enrol } from './enrol.ts'

const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

/** A hub as far as enrolment goes, and how often a code was shown to it. */
function hubOf(authority: Authority) {
  const shown: string[] = []
  const fetchHub = async (url: string | URL | Request, init?: RequestInit) => {
    if (String(url).endsWith('/authority'))
      return Response.json({ space: SPACE, publicKey: hexOf(authority.publicKey) })
    const { code, publicKey } = JSON.parse(String(init?.body)) as { code: string; publicKey: string }
    shown.push(code)
    const token = await issueCredential(authority, {
      space: SPACE,
      subject: 'tech:ana',
      publicKey: new Uint8Array(Buffer.from(publicKey, 'hex')),
      role: 'device',
      read: [],
      write: [],
      systems: [],
      issuedAt: 0,
      expiresAt: Date.UTC(2100, 0, 1),
    })
    return Response.json({ token, authority: hexOf(authority.publicKey) }, { status: 201 })
  }
  return {
    authority: hexOf(authority.publicKey),
    shown,
    door: { hub: 'http://hub.example', fetch: fetchHub },
  }
}

async function device() {
  const replica = await openReplica({ store: memoryStore(), collections, space: SPACE })
  const live = liveOver(replica, { host: nodeHost() })
  onTestFinished(async () => {
    await live.close()
    await replica.close()
  })
  return live
}

test('EN-12: a device of another authority keeps its code, and is told whose hub this is', async () => {
  const [mine, other] = [hubOf(await createAuthority()), hubOf(await createAuthority())]
  const live = await device()
  const first = await enrol(live, mine.door, { code: 'first', known: undefined })
  expect(first).toEqual({ kind: 'signed-in', authority: mine.authority })
  const end = await enrol(live, other.door, { code: 'second', known: mine.authority })
  expect(end).toEqual({ kind: 'other-hub', authority: other.authority, isCodeUsed: false })
  expect(other.shown).toEqual([])
  const again = await enrol(live, mine.door, { code: 'third', known: mine.authority })
  expect(again).toEqual({ kind: 'signed-in', authority: mine.authority })
})

test('where it was not noted whose the device is, its own refusal tells, and that the code is used', async () => {
  const [mine, other] = [hubOf(await createAuthority()), hubOf(await createAuthority())]
  const live = await device()
  await enrol(live, mine.door, { code: 'first', known: undefined })
  const end = await enrol(live, other.door, { code: 'second', known: undefined })
  expect(end).toEqual({ kind: 'other-hub', authority: other.authority, isCodeUsed: true })
})

test('without a network nothing is said of another hub', async () => {
  const live = await device()
  const door = { hub: 'http://hub.example', fetch: () => Promise.reject(new TypeError('fetch failed')) }
  expect(await enrol(live, door, { code: 'x', known: 'ab'.repeat(32) })).toEqual({ kind: 'offline' })
})
