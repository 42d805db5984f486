/** The parent's side of devices that are processes of their own, beside a hub that they may or may not see. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLog, type Hub, startHub } from '@skerry/hub'
import { type Answer, notes, type Order, SPACE } from './orders.ts'
import { freeUdpPort, LOOPBACK, whyNoMulticast } from './udp-port.ts'

const ADMIN_TOKEN = 'a-token-of-the-tests-that-is-long-enough'

export const HOUR_MS = 3_600_000

interface Grant {
  read: string[]
  write: string[]
  hours: number
  isTrusting?: boolean
}

/** A hub, and a folder for everybody's store. */
export class Site {
  readonly hub: Hub
  /** Undefined where the machine carries no multicast: then devices are told addresses. */
  readonly mdns: { interface: string; port: number } | undefined
  readonly #folder: string
  readonly #devices: DeviceProcess[] = []

  private constructor(hub: Hub, folder: string, mdns: Site['mdns']) {
    this.hub = hub
    this.#folder = folder
    this.mdns = mdns
  }

  static async open(): Promise<Site> {
    const folder = await mkdtemp(join(tmpdir(), 'skerry-lan-'))
    const log = createLog({ level: 'silent' })
    const options = { port: 0, store: join(folder, 'hub.db'), log, adminToken: ADMIN_TOKEN }
    const hub = await startHub({ space: SPACE, collections: { notes } }, options)
    const whyNot = await whyNoMulticast()
    if (whyNot !== undefined) console.log(`no multicast on ${LOOPBACK}, peers are told addresses: ${whyNot}`)
    return new Site(
      hub,
      folder,
      whyNot === undefined ? { interface: LOOPBACK, port: await freeUdpPort() } : undefined,
    )
  }

  /** A process with a replica, enrolled as `tech:<name>`. */
  async device(name: string, { read, write, hours, isTrusting = false }: Grant): Promise<DeviceProcess> {
    const device = new DeviceProcess()
    this.#devices.push(device)
    const authority = Buffer.from(this.hub.authority).toString('hex')
    const path = join(this.#folder, `${name}.db`)
    device.key = (await device.do({ do: 'open', authority, path, isTrusting })) as string
    const token = await this.hub.issue({
      subject: `tech:${name}`,
      publicKey: new Uint8Array(Buffer.from(device.key, 'hex')),
      read: read.map((area) => `area:${area}`),
      write: write.map((area) => `area:${area}`),
      expiresAt: Date.now() + hours * HOUR_MS,
    })
    await device.do({ do: 'enrol', token })
    return device
  }

  /** All of them on one LAN; the last finds those before it. */
  async meet(...devices: readonly DeviceProcess[]): Promise<void> {
    const addresses: string[] = []
    for (const device of devices) {
      const port = await device.do({ do: 'meet', addresses: this.mdns ? [] : addresses, mdns: this.mdns })
      addresses.push(`ws://${LOOPBACK}:${port}/sync`)
    }
  }

  /** The hub takes nothing from this device any more. */
  async revoke({ key }: DeviceProcess): Promise<void> {
    const headers = { authorization: `Bearer ${ADMIN_TOKEN}` }
    const response = await fetch(`${this.hub.url}/api/v1/devices/${key}`, { method: 'DELETE', headers })
    if (!response.ok) throw new Error(`revoking: ${response.status} ${await response.text()}`)
  }

  untilAtHub(id: string): Promise<void> {
    const { replica } = this.hub
    return new Promise((resolve, reject) => {
      const look = async (): Promise<void> => {
        if ((await replica.collection('notes').get(id)) === undefined) return
        stop()
        resolve()
      }
      const stop = replica.onCommit(() => void look().catch(reject))
      look().catch(reject)
    })
  }

  /** Who created and changed this record, as the hub knows it; undefined when it has no such record. */
  async authorsAtHub(id: string): Promise<(string | undefined)[] | undefined> {
    const atHub = this.hub.replica.collection('notes')
    if ((await atHub.get(id)) === undefined) return undefined
    return (await atHub.history(id)).map(({ author }) => author)
  }

  async close(): Promise<void> {
    await Promise.all(this.#devices.map((device) => device.end()))
    await this.hub.close()
    await rm(this.#folder, { recursive: true })
  }
}

export class DeviceProcess {
  /** Public key, hex. */
  key = ''
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, (answer: Answer) => void>()
  #number = 0

  constructor() {
    this.#child = fork(new URL('./device-process.ts', import.meta.url))
    this.#child.on('message', (answer: Answer) => {
      this.#waiting.get(answer.number)?.(answer)
      this.#waiting.delete(answer.number)
    })
    this.#child.on('exit', (code) => {
      for (const [number, settle] of this.#waiting)
        settle({ number, error: `the process ended with ${code}` })
    })
  }

  async do(order: Order): Promise<unknown> {
    const number = ++this.#number
    const answered = new Promise<Answer>((resolve) => this.#waiting.set(number, resolve))
    this.#child.send({ number, order })
    const { value, error } = await answered
    if (error !== undefined) throw new Error(`${order.do}: ${error}`)
    return value
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null) return
    this.#child.disconnect()
    await once(this.#child, 'exit')
  }
}
