/** Lines that break, and processes that are killed, in the middle of a blob: gone on with, not begun anew (packages/blobs/src/SPEC.md, BL-31, BL-52, BL-60). A failure names its seed. */
import { type ChildProcess, spawn } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { SeededRandom } from '@skerry/core/testing'
import { expect, onTestFinished, test, vi } from 'vitest'
import { CuttingProxy } from './cutting-proxy.ts'
import { hashOf } from './hash.ts'
import { photoOf } from './photo.ts'
import { openDevice, openWorld, temporaryFolder, until } from './world.ts'

vi.setConfig({ testTimeout: 120_000 })

const SEED = Number(process.env.SKERRY_SEED ?? 1)
const replay = (seed: number) => `SKERRY_SEED=${seed} npx vitest run test/blobs/src/lines.test.ts`
const BYTES = 2_000_000

test.each([0, 1, 2])(
  'fault N3, S12: BL-31 a line that is cut at random bytes going up (seed + %i)',
  async (more) => {
    const seed = SEED + more
    const random = new SeededRandom(seed)
    const world = await openWorld()
    const photo = photoOf(seed, BYTES)
    let cuts = 12
    world.line.cutAfter = () => {
      if (cuts === 0) return undefined
      cuts -= 1
      return { direction: 'up', bytes: 2_000 + random.below(400_000) }
    }
    const ana = await openDevice(world)
    const ref = await ana.take(photo, 'o1')
    await until(ana.blobs, ref, 'at-hub')
    const { up } = world.line.passed
    expect(cuts, replay(seed)).toBe(0)
    // What was on its way when the line broke is lost, and each request has a head of some 2 KB; begun anew twelve times would be many times the photo.
    expect(up, replay(seed)).toBeLessThan(1.6 * BYTES)
    const [stored] = readdirSync(join(world.folder, hashOf(photo).slice(0, 2)))
    expect(stored, replay(seed)).toBe(hashOf(photo))
  },
)

test.each([0, 1, 2])(
  'fault N3: BL-60 a line that is cut at random bytes coming down (seed + %i)',
  async (more) => {
    const seed = SEED + more
    const random = new SeededRandom(seed)
    const world = await openWorld()
    const photo = photoOf(seed, BYTES)
    const ana = await openDevice(world)
    const ref = await ana.take(photo, 'o1')
    await until(ana.blobs, ref, 'at-hub')
    const ben = await openDevice(world, { subject: 'tech:ben' })
    let cuts = 6
    world.line.cutAll()
    world.line.cutAfter = () => {
      if (cuts === 0) return undefined
      cuts -= 1
      return { direction: 'down', bytes: 10_000 + random.below(500_000) }
    }
    const before = world.line.passed.down
    expect(await ben.blobs.open(ref, 'orders/o1'), replay(seed)).toEqual(photo)
    expect(world.line.passed.down - before, replay(seed)).toBeLessThan(1.5 * BYTES)
    expect(cuts, replay(seed)).toBeLessThan(6)
  },
)

interface Process {
  child: ChildProcess
  /** Resolves with the first line for which `is` holds. */
  says<T extends object>(is: (line: T) => boolean): Promise<T>
  tell(line: string): void
  kill(): Promise<void>
  ended: Promise<number | null>
}

function start(program: URL, told: object): Process {
  const child = spawn(process.execPath, [fileURLToPath(program), JSON.stringify(told)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines: object[] = []
  const waiting = new Set<() => void>()
  let rest = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n')
    rest = parts.pop()!
    lines.push(...parts.map((line) => JSON.parse(line) as object))
    for (const look of waiting) look()
  })
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  const kill = async () => {
    child.kill('SIGKILL')
    await ended
  }
  onTestFinished(kill)
  return {
    child,
    ended,
    kill,
    tell: (line) => void child.stdin.write(`${line}\n`),
    says<T extends object>(is: (line: T) => boolean) {
      return new Promise<T>((resolve) => {
        const look = () => {
          const found = (lines as T[]).find(is)
          if (!found) return
          waiting.delete(look)
          resolve(found)
        }
        waiting.add(look)
        look()
      })
    },
  }
}

interface Progress {
  kind: string
  bytes?: number
}

test('fault S12: BL-31 BL-52 the device is killed in the middle of an upload, then the hub: both go on where they were', async () => {
  const folder = temporaryFolder()
  const photo = photoOf(1, BYTES)
  let port = 0
  const startHub = async () => {
    const hub = start(new URL('./hub-process.ts', import.meta.url), { store: `${folder}/hub.db`, port })
    const { url, syncUrl } = await hub.says<{ url: string; syncUrl: string }>((line) => 'url' in line)
    port = Number(new URL(url).port)
    return { ...hub, syncUrl }
  }
  let hub = await startHub()
  const line = await CuttingProxy.start(() => port)
  onTestFinished(() => line.close())
  line.holdMs = 5
  const startDevice = () =>
    start(new URL('./device-process.ts', import.meta.url), {
      store: `${folder}/ana.db`,
      hub: line.url,
      syncUrl: hub.syncUrl,
      bytes: BYTES,
    })
  const isUnderWay = ({ kind, bytes = 0 }: Progress) => kind === 'uploading' && bytes > 0

  let device = startDevice()
  const { key } = await device.says<{ key: string }>((said) => 'key' in said)
  hub.tell(JSON.stringify({ subject: 'tech:ana', key }))
  device.tell((await hub.says<{ token: string }>((said) => 'token' in said)).token)
  const first = await device.says<Progress>(isUnderWay)
  await device.kill()

  device = startDevice()
  const second = await device.says<Progress>(isUnderWay)
  expect(second.bytes).toBeGreaterThan(first.bytes!)
  await hub.kill()
  const [upload] = readdirSync(`${folder}/hub.db.blobs/uploads`).filter((name) => !name.endsWith('.json'))
  const kept = statSync(`${folder}/hub.db.blobs/uploads/${upload}`).size
  expect(kept).toBeGreaterThanOrEqual(second.bytes!)
  expect(kept).toBeLessThan(BYTES)

  const before = line.passed.up
  hub = await startHub()
  expect(await device.ended).toBe(0)
  expect(line.passed.up - before).toBeLessThan(BYTES - kept + 200_000)
  expect(readdirSync(`${folder}/hub.db.blobs/${hashOf(photo).slice(0, 2)}`)).toEqual([hashOf(photo)])
})
