/** A device of Hocuspocus: Yjs documents in memory, one provider each, all over one socket. Hocuspocus has no store for a device outside a browser. */
import { HocuspocusProvider, HocuspocusProviderWebsocket } from '@hocuspocus/provider'
import { WebSocket } from 'ws'
import * as Y from 'yjs'
import type { Device } from '../src/device.ts'
import { editOf } from '../src/field-record.ts'
import type { Layout } from './yjs-layout.ts'

export function hocuspocusDevice(layout: Layout): Device {
  let socket: HocuspocusProviderWebsocket
  let names: string[]
  const documents = new Map<string, Y.Doc>()
  const providers: HocuspocusProvider[] = []

  function attach(name: string): void {
    const provider = new HocuspocusProvider({
      name,
      document: documents.get(name)!,
      websocketProvider: socket,
      token: 'anybody',
      // Its manual wants at least one provider with awareness on a socket; more would only be noise between records.
      ...(providers.length > 0 && { awareness: null }),
    })
    providers.push(provider)
    provider.attach()
  }

  return {
    async open({ url, records }, heard) {
      socket = new HocuspocusProviderWebsocket({ url, WebSocketPolyfill: WebSocket, autoConnect: false })
      names = layout.documents(records)
      for (const name of names) {
        const document = new Y.Doc()
        documents.set(name, document)
        layout.listen(name, document, heard)
      }
      return undefined
    },

    enter: async () => undefined,

    async connect() {
      if (providers.length === 0) for (const name of names) attach(name)
      const synced = providers.map((provider) => next(provider, 'synced'))
      void socket.connect()
      await Promise.all(synced)
    },

    async disconnect() {
      const gone = next(socket, 'disconnect')
      socket.disconnect()
      await gone
    },

    async readAll() {
      return new Map([...documents].flatMap(([name, document]) => layout.records(name, document)))
    },

    async edit(number, mark) {
      const document = documents.get(layout.documentOf(number))!
      document.transact(() => {
        const map = layout.mapOf(document, number)
        for (const [field, value] of Object.entries(editOf(mark))) map.set(field, value)
      })
    },
  }
}

/** Resolves at the next such event. */
function next(emitter: HocuspocusProvider | HocuspocusProviderWebsocket, event: string): Promise<void> {
  return new Promise((resolve) => {
    const listener = () => {
      emitter.off(event, listener)
      resolve()
    }
    emitter.on(event, listener)
  })
}
