/** Yjs through Hocuspocus, all records in one document: the device. */

import { deviceCommands } from '../src/device-commands.ts'
import { serveContender } from '../src/serve-contender.ts'
import { hocuspocusDevice } from './hocuspocus-device.ts'
import { oneDocument } from './yjs-layout.ts'

serveContender(deviceCommands(hocuspocusDevice(oneDocument)))
