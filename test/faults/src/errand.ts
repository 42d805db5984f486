/**
 * The side of the process that will be killed. It loads everything first and says so, waits for its errand, and tells what it does as lines of JSON. A line is in
 * the pipe before the next statement runs: a SIGKILL takes nothing back that was told.
 */
import { writeSync } from 'node:fs'
import { createInterface } from 'node:readline'

const STDOUT = 1
/** Milliseconds until a full pipe is tried again: the parent is slow, and has much else to do. */
const FULL_PIPE_MS = 2
const asleep = new Int32Array(new SharedArrayBuffer(4))

export function tell(line: object): void {
  const bytes = Buffer.from(`${JSON.stringify(line)}\n`)
  for (let written = 0; written < bytes.length; ) written += writtenOf(bytes, written)
}

/** Bytes that the pipe took; none while it is full, which a pipe that does not block says by an error. */
function writtenOf(bytes: Buffer, from: number): number {
  try {
    return writeSync(STDOUT, bytes, from)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) throw error
    Atomics.wait(asleep, 0, 0, FULL_PIPE_MS)
    return 0
  }
}

/**
 * Says that this process stands by, and resolves with what it is to do. The pipe it hears closes when its parent is gone, however that ended: nobody would kill it then, so it ends
 * by itself, also in the midst of its work.
 */
export function errand<Errand>(): Promise<Errand> {
  tell({ standingBy: true })
  const lines = createInterface({ input: process.stdin })
  lines.once('close', () => process.exit(0))
  return new Promise((resolve) => {
    lines.once('line', (line) => resolve(JSON.parse(line) as Errand))
  })
}
