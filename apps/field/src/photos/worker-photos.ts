/** What the replica wants of the photos, in the worker: they are opened after it, and it may want something before. */
import type { Blobs } from '@skerry/blobs'
import type { ReplicaEvent } from '@skerry/core'

export class WorkerPhotos {
  readonly #failed: (words: string, error: unknown) => void
  #blobs: Pick<Blobs, 'makeRoom' | 'forget'> | undefined
  #isWiped = false

  /** @param failed for the console: nobody can be shown it */
  constructor(failed: (words: string, error: unknown) => void) {
    this.#failed = failed
  }

  /** For a store that is full: what the hub has can be fetched again. */
  readonly makeRoom = async (): Promise<void> => {
    await this.#blobs?.makeRoom()
  }

  /** The operator took back what this device holds. */
  readonly heard = ({ code }: Pick<ReplicaEvent, 'code'>): void => {
    if (code !== 'wiped') return
    this.#isWiped = true
    void this.#forget()
  }

  /** Resolves when a wipe that an earlier worker had begun, and that went on while the replica was opened, is over for the photos too. */
  async opened(blobs: Pick<Blobs, 'makeRoom' | 'forget'>): Promise<void> {
    this.#blobs = blobs
    if (this.#isWiped) await this.#forget()
  }

  async #forget(): Promise<void> {
    try {
      await this.#blobs?.forget()
    } catch (error) {
      this.#failed('photos could not be removed as the operator wanted', error)
    }
  }
}
