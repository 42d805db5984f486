/** Where records stand in Yjs: each in a document of its own, or all in one. */
import * as Y from 'yjs'
import type { Heard } from '../src/device.ts'
import { asFieldRecord, type FieldRecord, idOf, numberOf } from '../src/field-record.ts'

export interface Layout {
  /** Names of the documents for so many records. */
  documents(records: number): string[]
  /** Name of the document that a record is in. */
  documentOf(number: number): string
  /** The record's map in its document; made where there is none. */
  mapOf(document: Y.Doc, number: number): Y.Map<unknown>
  /** All records of a document. */
  records(name: string, document: Y.Doc): [number, FieldRecord][]
  listen(name: string, document: Y.Doc, heard: Heard): void
}

/** Fields of a map; those of a record that has not come yet are absent. */
function read(number: number, map: Y.Map<unknown>): [number, FieldRecord][] {
  return map.size === 0 ? [] : [[number, asFieldRecord(map.toJSON())]]
}

export const documentEach: Layout = {
  documents: (records) => Array.from({ length: records }, (_, number) => idOf(number)),
  documentOf: idOf,
  mapOf: (document) => document.getMap('record'),
  records: (name, document) => read(numberOf(name), document.getMap('record')),

  listen(name, document, heard) {
    document.getMap('record').observe(({ target }) => {
      for (const [number, record] of read(numberOf(name), target as Y.Map<unknown>)) heard(number, record)
    })
  },
}

const ALL = 'records'
const mapsIn = (document: Y.Doc) => document.getMap<Y.Map<unknown>>(ALL)

export const oneDocument: Layout = {
  documents: () => [ALL],
  documentOf: () => ALL,

  mapOf(document, number) {
    const id = idOf(number)
    return mapsIn(document).get(id) ?? mapsIn(document).set(id, new Y.Map())
  },

  records: (_, document) => [...mapsIn(document)].flatMap(([id, map]) => read(numberOf(id), map)),

  listen(_, document, heard) {
    const maps = mapsIn(document)
    maps.observeDeep((events) => {
      const ids = events.flatMap(({ path, keys }) => (path.length > 0 ? [String(path[0])] : [...keys.keys()]))
      for (const id of new Set(ids))
        for (const [number, record] of read(numberOf(id), maps.get(id)!)) heard(number, record)
    })
  },
}
