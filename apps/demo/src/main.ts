/** `npm start`: the story, and then on until Ctrl-C. `npm start -- --once`: the story alone; the exit code says whether all of it held. */
import { parseArgs } from 'node:util'
import { conduct } from './conductor.ts'
import { styleFor } from './style.ts'

const usage = `usage: npm start -- [--once]
  --once   play the story and end: exit 0 if everything held, 1 if not`

function readArguments(): { once: boolean } | undefined {
  try {
    return parseArgs({ options: { once: { type: 'boolean', default: false } } }).values
  } catch (error) {
    process.stderr.write(`${String(error)}\n${usage}\n`)
    return undefined
  }
}

const given = readArguments()
if (given) {
  const stop = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve())
  })
  const print = (line: string) => void process.stdout.write(`${line}\n`)
  const held = await conduct({ once: given.once, stop, print, style: styleFor(process.stdout, process.env) })
  process.exitCode = held ? 0 : 1
} else {
  process.exitCode = 2
}
