#!/usr/bin/env node
/** The `skerry` command: arguments in, exit code out. */
import { boundHeap } from './bound-heap.ts'
import { run } from './program.ts'
import { processTerminal } from './terminal.ts'

const args = process.argv.slice(2)
boundHeap(args, process)
process.exitCode = await run(args, processTerminal())
