/**
 * Uploads that are not finished, counted: each takes its declared size of the disk sooner or later, and a device that begins one after another without finishing any would fill it for everybody
 * (packages/blobs/src/SPEC.md, BL-54). By device and in all, by number and by bytes; in memory, read once when the folder is opened.
 */
import { FileStore } from '@tus/file-store'
import type { Upload } from '@tus/server'
import { ProblemError } from './problem.ts'
import { tusRefusal } from './tus-refusal.ts'

export interface UploadCeilings {
  perDevice: number
  bytesPerDevice: number
  all: number
  bytes: number
}

interface Held {
  device: string
  bytes: number
}

export class CountedUploads extends FileStore {
  readonly #ceilings: UploadCeilings
  readonly #deviceOf: (id: string) => string
  readonly #held = new Map<string, Held>()
  /** Those that have no file yet. */
  readonly #beginning = new Set<string>()

  /** @param deviceOf whose upload this is, by its name */
  constructor(
    options: ConstructorParameters<typeof FileStore>[0],
    ceilings: UploadCeilings,
    deviceOf: (id: string) => string,
  ) {
    super(options)
    this.#ceilings = ceilings
    this.#deviceOf = deviceOf
  }

  /** What an earlier process left. */
  async load(): Promise<void> {
    for (const id of (await this.configstore.list?.()) ?? []) {
      const bytes = (await this.configstore.get(id))?.size ?? 0
      this.#held.set(id, { device: this.#deviceOf(id), bytes })
    }
  }

  /** @throws TusRefusal `too-many-uploads`, `uploads-full` */
  override async create(upload: Upload): Promise<Upload> {
    const known = this.#held.get(upload.id)
    // Counted before anything is awaited, so that two at once are two.
    this.#hold(upload)
    this.#beginning.add(upload.id)
    try {
      return await super.create(upload)
    } catch (error) {
      if (!known) this.#held.delete(upload.id)
      throw error
    } finally {
      this.#beginning.delete(upload.id)
    }
  }

  override async remove(id: string): Promise<void> {
    await super.remove(id)
    this.#held.delete(id)
  }

  /** One whose file went in another way, by the operator's hand, is over too. */
  override async deleteExpired(): Promise<number> {
    const begun = [...this.#held.keys()].filter((id) => !this.#beginning.has(id))
    const count = await super.deleteExpired()
    const there = new Set(await this.configstore.list?.())
    for (const id of begun) if (!there.has(id) && !this.#beginning.has(id)) this.#held.delete(id)
    return count
  }

  /** Begun anew, an upload takes its own place. */
  #hold({ id, size = 0 }: Upload): void {
    const device = this.#deviceOf(id)
    const others = [...this.#held].filter(([other]) => other !== id).map(([, held]) => held)
    const own = others.filter((held) => held.device === device)
    const { perDevice, bytesPerDevice, all, bytes } = this.#ceilings
    const refusal =
      refusalOf('too-many-uploads', 'this device has', own, [size, perDevice, bytesPerDevice]) ??
      refusalOf('uploads-full', 'this hub has', others, [size, all, bytes])
    if (refusal) throw tusRefusal(refusal)
    this.#held.set(id, { device, bytes: size })
  }
}

function refusalOf(
  code: 'too-many-uploads' | 'uploads-full',
  who: string,
  held: readonly Held[],
  [size, countMax, bytesMax]: readonly [number, number, number],
): ProblemError | undefined {
  const help =
    code === 'too-many-uploads'
      ? 'those are to be finished or ended first'
      : 'wait until others are finished, or let the operator allow more (blobs.unfinished)'
  if (held.length + 1 > countMax)
    return new ProblemError(code, `${who} ${held.length} unfinished uploads: limit ${countMax}; ${help}`)
  const bytes = held.reduce((sum, one) => sum + one.bytes, 0)
  if (bytes + size > bytesMax)
    return new ProblemError(
      code,
      `${who} unfinished uploads of ${bytes} bytes, and ${size} more are above the limit of ${bytesMax}; ${help}`,
    )
  return undefined
}
