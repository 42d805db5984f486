/** Devices with real replicas, credentials and sockets, and a clock that stands still until it is moved. */
import { collection, memoryStore } from '@skerry/core'
import { VirtualWorld } from '@skerry/core/testing'
import { type Authority, createAuthority, credentialVerifier, issueCredential } from '@skerry/credentials'
import { openReplica } from '@skerry/node'
import * as z from 'zod'
import { type LanEvent, type Meeting, type MeetOptions, meetPeers } from '../src/index.ts'
import type { FakeLan } from './fake-lan.ts'

/** A day of the virtual clock. */
export const CREDENTIAL_LIFE_MS = 86_400_000

const notes = collection('notes', z.object({ title: z.string() }), { channels: () => ['north'] })

interface EnrolOptions {
  space?: string
  /** Who signed the credential; the verifier of the device knows the same one. */
  authority?: Authority
}

export class Devices {
  readonly world: VirtualWorld
  readonly #authority: Authority
  readonly #cleanup: (() => Promise<unknown>)[] = []

  private constructor(seed: number, authority: Authority) {
    this.world = new VirtualWorld(seed)
    this.#authority = authority
  }

  static async start(seed = 1): Promise<Devices> {
    return new Devices(seed, await createAuthority())
  }

  /** A device that is not enrolled. */
  async open({ space = 'acme', authority = this.#authority }: EnrolOptions = {}) {
    const host = this.world.host()
    const verifier = credentialVerifier({
      space,
      authority: authority.publicKey,
      sha256: (bytes) => host.sha256(bytes),
    })
    const replica = await openReplica({ host, store: memoryStore(), verifier, collections: { notes }, space })
    this.#cleanup.push(() => replica.close())
    return replica
  }

  async enrolled(options: EnrolOptions = {}) {
    const replica = await this.open(options)
    await this.enrol(replica, options)
    return replica
  }

  async enrol(replica: Device, { space = 'acme', authority = this.#authority }: EnrolOptions = {}) {
    const issuedAt = this.world.clock.nowMs
    const token = await issueCredential(authority, {
      space,
      subject: `device:${replica.node.slice(0, 4)}`,
      publicKey: replica.publicKey,
      role: 'device',
      read: ['north'],
      write: ['north'],
      systems: [],
      issuedAt,
      expiresAt: issuedAt + CREDENTIAL_LIFE_MS,
    })
    await replica.setCredential(token)
  }

  /** Enrolled devices, the lowest node id first. */
  async inOrder(count: number): Promise<Device[]> {
    const devices = await Promise.all(Array.from({ length: count }, () => this.enrolled()))
    return devices.sort((a, b) => (a.node < b.node ? -1 : 1))
  }

  async meet(replica: Device, lan: FakeLan, options: MeetOptions = {}): Promise<Met> {
    const events: LanEvent[] = []
    const meeting = await meetPeers(replica, {
      address: '127.0.0.1',
      discovery: lan.join(),
      log: (event) => events.push(event),
      ...options,
    })
    this.#cleanup.push(() => meeting.close())
    return { meeting, events, replica }
  }

  async end(): Promise<void> {
    for (const step of this.#cleanup.splice(0).reverse()) await step()
  }
}

export interface Met {
  meeting: Meeting
  events: LanEvent[]
  replica: Device
}

export type Device = Awaited<ReturnType<Devices['open']>>

/** Resolves when it holds, looked at after each change of the meetings' peers. */
export function until(holds: () => boolean, ...mets: readonly Met[]): Promise<void> {
  return new Promise((resolve) => {
    const stops: (() => void)[] = []
    const look = (): void => {
      if (!holds()) return
      for (const stop of stops.splice(0)) stop()
      resolve()
    }
    for (const { meeting } of mets) stops.push(meeting.subscribe(look))
    look()
  })
}

/** Resolves when the replica has so many notes. */
export function untilNotes(replica: Device, count: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = async (): Promise<void> => {
      if ((await replica.notes.all()).length < count) return
      stop()
      resolve()
    }
    const stop = replica.onCommit(() => void look().catch(reject))
    look().catch(reject)
  })
}
