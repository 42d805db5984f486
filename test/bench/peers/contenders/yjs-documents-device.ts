/** Yjs through Hocuspocus, a document for each record: the device. */

import { deviceCommands } from '../src/device-commands.ts'
import { serveContender } from '../src/serve-contender.ts'
import { hocuspocusDevice } from './hocuspocus-device.ts'
import { documentEach } from './yjs-layout.ts'

serveContender(deviceCommands(hocuspocusDevice(documentEach)))
