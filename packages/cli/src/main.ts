#!/usr/bin/env node
/** The `skerry` command: arguments in, exit code out. */
import { boundHeap } from './bound-heap.ts'

const args = process.argv.slice(2)
boundHeap(args, process)
// Loaded when it is known that this process stays.
const { run } = await import('./program.ts')
const { processTerminal } = await import('./terminal.ts')
process.exitCode = await run(args, processTerminal())
