/**
 * The system of docs/writing-an-adapter.md: boxes on a shelf, over HTTP. A box has an id of the shelf's, a label of its owner's, a revision that grows with every change, and a place in the order of all
 * changes; what is deleted leaves a tombstone. Who comes with the right key is let in.
 */
import type { IncomingMessage } from 'node:http'
import { HttpStand, json } from './http-stand.ts'

export interface Box {
  id: string
  label: string | null
  rev: number
  change: number
  removed: boolean
  data: Record<string, string>
}

type Found = [status: number, body: object]

export class Shelf extends HttpStand {
  readonly boxes = new Map<string, Box>()
  readonly fields = new Set(['title', 'note'])
  key = 'shelf-key'
  #changes = 0

  /** A new state of a box, or a new box. */
  put(box: Partial<Box>, data: Record<string, string | null>): Box {
    const merged = Object.entries({ ...box.data, ...data }).filter(([, value]) => value !== null)
    const stored: Box = {
      id: box.id ?? `box-${this.boxes.size + 1}`,
      label: box.label ?? null,
      rev: (box.rev ?? 0) + 1,
      change: ++this.#changes,
      removed: box.removed ?? false,
      data: Object.fromEntries(merged) as Record<string, string>,
    }
    this.boxes.set(stored.id, stored)
    return stored
  }

  protected answer(request: IncomingMessage, text: string) {
    return json(...this.#found(request, text === '' ? {} : JSON.parse(text)))
  }

  #found({ method, url = '', headers }: IncomingMessage, data: Record<string, string | null>): Found {
    if (headers['x-shelf-key'] !== this.key) return [401, { error: 'wrong key' }]
    const { pathname, searchParams: query } = new URL(url, 'http://shelf')
    const [, , id = '', label = ''] = pathname.split('/').map(decodeURIComponent)
    const labelled = [...this.boxes.values()].find((box) => box.label === (label || query.get('label')))
    if (pathname === '/boxes' && query.has('label'))
      return labelled ? [200, labelled] : [404, { error: 'no such box' }]
    if (pathname === '/boxes') return this.#changed(Number(query.get('after')), Number(query.get('limit')))
    const box = id === 'labelled' ? labelled : this.boxes.get(id)
    if (!box && method !== 'PUT') return [404, { error: 'no such box' }]
    if (method === 'GET') return [200, box!]
    const expected = headers['if-none-match'] === '*' ? '0' : (headers['if-match'] ?? String(box?.rev))
    if (box && expected !== String(box.rev)) return [412, box]
    if (method === 'DELETE') return [200, box!.removed ? box! : this.put({ ...box!, removed: true }, {})]
    if (box?.removed && !query.has('again')) return [410, box]
    const unknown = Object.keys(data).find((name) => !this.fields.has(name))
    if (unknown) return [422, { error: `there is no room for "${unknown}"`, field: unknown }]
    if (data.title === 'elephant') return [422, { error: 'elephants do not fit', field: 'title' }]
    return [200, this.put(box ? { ...box, removed: false } : { label }, data)]
  }

  #changed(after: number, limit: number): Found {
    const all = [...this.boxes.values()]
      .filter(({ change }) => change > after)
      .sort((a, b) => a.change - b.change)
    return [200, { boxes: all.slice(0, limit), more: all.length > limit }]
  }
}
