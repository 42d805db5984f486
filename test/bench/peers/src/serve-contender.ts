/**
 * Serves the commands of a contender's process. What it prints is counted and not shown: a peer in trouble prints a stack for each of thousands of documents, and
 * its table must still be found.
 */
import { format } from 'node:util'
import { type Commands, serve } from '../../src/serve.ts'

export interface Printed {
  times: number
  first: string
}

/** Characters of what was printed first. */
const FIRST_LENGTH_MAX = 160

export type PrintedCommand = {
  /** What was printed since it was last asked. */
  printed(): Printed
}

export function serveContender(commands: Commands): void {
  const print = console.error
  let printed: Printed = { times: 0, first: '' }
  const count = (...values: unknown[]) => {
    if (printed.times === 0)
      printed.first = format(...values)
        .replaceAll(/\s+/g, ' ')
        .slice(0, FIRST_LENGTH_MAX)
    printed.times += 1
  }
  Object.assign(console, { log: count, info: count, warn: count, error: count })
  // What ends a process is never only counted.
  process.on('uncaughtExceptionMonitor', (error) => print(error))
  serve({
    ...commands,
    printed: () => {
      const told = printed
      printed = { times: 0, first: '' }
      return told
    },
  })
}
