/** The command as a process: words and surroundings in, text and a status out. Asks nothing, so that it runs the same in a terminal and in a script. */
import { createApp, type Surroundings } from './create-app.ts'
import { CreateError } from './create-error.ts'
import { machinesNode } from './node-version.ts'

/** As other commands: 2 for what was asked wrongly. */
const exitCodes = { usage: 2, failed: 1 }

/** `packed`: as in Surroundings. */
export async function runCommand({ packed }: Pick<Surroundings, 'packed'> = {}): Promise<void> {
  try {
    await createApp(process.argv.slice(2), {
      folder: process.cwd(),
      nodeVersion: machinesNode(process.env.npm_node_execpath),
      print: (text) => console.log(text),
      packed,
    })
  } catch (error) {
    if (!(error instanceof CreateError)) throw error
    console.error(`create-skerry: ${error.message}`)
    process.exitCode = error.code === 'usage' ? exitCodes.usage : exitCodes.failed
  }
}
