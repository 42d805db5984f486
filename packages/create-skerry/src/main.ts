#!/usr/bin/env node
/** `npm create skerry my-app`. Asks nothing, so that it runs the same in a terminal and in a script. */
import { createApp } from './create-app.ts'
import { CreateError } from './create-error.ts'
import { machinesNode } from './node-version.ts'

/** As other commands: 2 for what was asked wrongly. */
const exitCodes = { usage: 2, failed: 1 }

try {
  await createApp(process.argv.slice(2), {
    folder: process.cwd(),
    nodeVersion: machinesNode(process.env.npm_node_execpath),
    print: (text) => console.log(text),
  })
} catch (error) {
  if (!(error instanceof CreateError)) throw error
  console.error(`create-skerry: ${error.message}`)
  process.exitCode = error.code === 'usage' ? exitCodes.usage : exitCodes.failed
}
