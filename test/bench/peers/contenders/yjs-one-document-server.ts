/** Yjs through Hocuspocus, all records in one document: the server. */
import { serveContender } from '../src/serve-contender.ts'
import { hocuspocusServer } from './hocuspocus-server.ts'
import { oneDocument } from './yjs-layout.ts'

serveContender(hocuspocusServer(oneDocument))
