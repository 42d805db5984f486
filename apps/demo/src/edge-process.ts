/** A technician's edge as a process of its own: `node edge-process.ts <store>`. */
import { serveCommands } from './command-loop.ts'
import { openDevice } from './device.ts'
import { edgeCommands } from './edge-commands.ts'

const commands = edgeCommands(await openDevice(process.argv[2]!))
await serveCommands(commands, commands.close)
