/** Yjs through Hocuspocus, a document for each record: the server. */
import { serveContender } from '../src/serve-contender.ts'
import { hocuspocusServer } from './hocuspocus-server.ts'
import { documentEach } from './yjs-layout.ts'

serveContender(hocuspocusServer(documentEach))
