#!/usr/bin/env node
/** The `skerry` command: arguments in, exit code out. */
import { run } from './program.ts'
import { processTerminal } from './terminal.ts'

process.exitCode = await run(process.argv.slice(2), processTerminal())
