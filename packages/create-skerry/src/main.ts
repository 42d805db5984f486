#!/usr/bin/env node
/** `npm create skerry my-app`. */
import { runCommand } from './command.ts'

await runCommand()
