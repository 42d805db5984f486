/**
 * `npm start`: the story, and then on until Ctrl-C. `npm start -- --once`: the story alone; the exit code says whether all of it held. `npm start -- --erp tryton`: the same with a real ERP
 * instead of the sandbox.
 */
import { parseArgs } from 'node:util'
import { conduct } from './conductor.ts'
import { styleFor } from './style.ts'
import { trytonLack } from './tryton-crm.ts'
import type { Erp } from './world.ts'

const usage = `usage: npm start -- [--once] [--erp tryton]
  --once         play the story and end: exit 0 if everything held, 1 if not
  --erp tryton   the office works in a real Tryton instead of the sandbox
  --help         print this`

interface Given {
  once: boolean
  erp: Erp
}

/** A text says what is wrong, or asks for help. */
function readArguments(): Given | string {
  try {
    const { values } = parseArgs({
      options: {
        once: { type: 'boolean', default: false },
        erp: { type: 'string', default: 'sandbox' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
    const { once, erp, help } = values
    if (help) return 'help'
    if (erp !== 'sandbox' && erp !== 'tryton') return `there is no --erp ${erp}\n${usage}`
    const lack = erp === 'tryton' ? trytonLack() : undefined
    return lack === undefined ? { once, erp } : `--erp tryton: ${lack}`
  } catch (error) {
    return `${error instanceof Error ? error.message : String(error)}\n${usage}`
  }
}

const given = readArguments()
if (given === 'help') {
  process.stdout.write(`${usage}\n`)
} else if (typeof given === 'string') {
  process.stderr.write(`${given}\n`)
  process.exitCode = 2
} else {
  const stop = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve())
  })
  const print = (line: string) => void process.stdout.write(`${line}\n`)
  const held = await conduct({ ...given, stop, print, style: styleFor(process.stdout, process.env) })
  process.exitCode = held ? 0 : 1
}
