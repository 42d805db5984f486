/**
 * The side of a process that is measured: it serves commands that come over Node's channel between parent and child, until the parent is gone. Values are
 * structured clones, so commands may take and give bytes and bigints.
 */
import { startProfile, stopProfile } from './profile.ts'

/** A command takes one argument and answers with one value. */
export type Commands = Record<string, (argument: never) => unknown>

/** What every process can do. */
export const everywhere = {
  startProfile,
  stopProfile,
  /** Milliseconds of processor time so far, all threads. On a machine that others use too it says more than the clock. */
  cpuMs: () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1e3
  },
  /** Bytes resident now, as the process stands. */
  residentMemory: () => ({ residentBytes: process.memoryUsage.rss() }),
  /**
   * Bytes: resident now, after what is garbage was collected where Node was started so that it can be; and the most there ever was. Of what is resident: JavaScript's heap, used and
   * held; what is outside of it for buffers; the rest is code, stacks, the engine's memory, SQLite's, and what the allocator holds.
   */
  memory: () => {
    globalThis.gc?.()
    const { rss, heapUsed, heapTotal, external, arrayBuffers } = process.memoryUsage()
    const peakBytes = process.resourceUsage().maxRSS * 1024
    return { residentBytes: rss, peakBytes, heapUsed, heapTotal, external, arrayBuffers }
  },
}

export interface Asked {
  id: number
  command: string
  argument: unknown
}

export interface Answered {
  id: number
  value?: unknown
  /** Message and stack of what was thrown. */
  error?: string
}

/** To be called once everything is loaded: the parent waits for it. */
export function serve(commands: Commands): void {
  const all: Commands = { ...everywhere, ...commands }
  process.on('message', (asked: Asked) => {
    void answer(all, asked).then((answered) => process.send!(answered))
  })
  process.once('disconnect', () => process.exit(0))
  process.send!({ ready: true })
}

async function answer(commands: Commands, { id, command, argument }: Asked): Promise<Answered> {
  try {
    return { id, value: await commands[command]!(argument as never) }
  } catch (error) {
    return { id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}
