/** A file system of a few megabytes that a test can fill up. Mounting one needs root; elsewhere the tests say so and are skipped, but never in CI. */
import { execFileSync } from 'node:child_process'
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'

const CHUNK_BYTES = 64 * 1024

export class SmallDisk {
  readonly path: string
  /** Why there is none, if so. */
  readonly unmountable: string | undefined

  constructor(folder: string, bytes: number) {
    this.path = join(folder, 'disk')
    mkdirSync(this.path)
    this.unmountable = this.#mount(bytes)
  }

  /** Takes all the room there is. */
  fill(): void {
    const file = openSync(this.#filler, 'a')
    for (let bytes = CHUNK_BYTES; bytes >= 1; ) {
      try {
        if (writeSync(file, new Uint8Array(bytes)) === bytes) continue
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
      }
      bytes = Math.floor(bytes / 2)
    }
    closeSync(file)
  }

  makeRoom(): void {
    rmSync(this.#filler)
  }

  /** Nothing on it may be open for writing. */
  makeReadOnly(): void {
    execFileSync('mount', ['-o', 'remount,ro', this.path])
  }

  makeWritable(): void {
    execFileSync('mount', ['-o', 'remount,rw', this.path])
  }

  unmount(): void {
    if (!this.unmountable) execFileSync('umount', ['--lazy', this.path])
  }

  get #filler(): string {
    return join(this.path, 'filler')
  }

  #mount(bytes: number): string | undefined {
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', this.path], { stdio: 'pipe' })
      return undefined
    } catch (error) {
      if (process.env.CI === 'true') throw error
      console.warn(`tests on a full disk are skipped: cannot mount a tmpfs: ${String(error)}`)
      return String(error)
    }
  }
}
