/** The gateway as a process of its own: `node gateway-process.ts <store>`. */
import { serveCommands } from './command-loop.ts'
import { openDevice } from './device.ts'
import { gatewayCommands } from './gateway-commands.ts'

const commands = gatewayCommands(await openDevice(process.argv[2]!))
await serveCommands(commands, commands.close)
