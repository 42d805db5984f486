/** A folder of files at `http://localhost` and a free port, which browsers trust as they trust https: storage, locks, workers and service workers are there. */
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'

export interface Served extends AsyncDisposable {
  /** `http://localhost:PORT/` */
  url: string
  port: number
  /** The page of an entry: an empty document that loads `/NAME.js`. */
  page(entry: string): string
  close(): Promise<void>
}

export interface ServedOptions {
  /** Absent: a free one. A browser that is started again finds its storage only at the same one. */
  port?: number
  /** Seconds for which the browser may keep files, its compiled code of them included, without asking. Default 0: it asks each time. Documents are asked for always. */
  keptS?: number
  /** Asked before the folder is: what a page's own origin serves besides files. True: it answers, now or later. */
  answers?: (request: IncomingMessage, response: ServerResponse) => boolean
}

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
}

export async function served(folder: string, options: ServedOptions = {}): Promise<Served> {
  const { port = 0, answers = () => false, keptS = 0 } = options
  const server = createServer((request, response) => {
    if (!answers(request, response)) void answer(folder, keptS, request, response)
  })
  server.listen(port, 'localhost')
  await once(server, 'listening')
  const bound = (server.address() as AddressInfo).port
  const url = `http://localhost:${bound}/`
  const close = async () => {
    if (!server.listening) return
    server.close()
    server.closeAllConnections()
    await once(server, 'close')
  }
  return { url, port: bound, page: (entry) => `${url}${entry}.html`, close, [Symbol.asyncDispose]: close }
}

async function answer(
  folder: string,
  keptS: number,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { pathname } = new URL(request.url ?? '/', 'http://localhost')
  // `normalize` of an absolute path cannot lead out of the folder.
  const path = normalize(decodeURIComponent(pathname.endsWith('/') ? `${pathname}index.html` : pathname))
  const file = await contents(join(folder, path))
  const body = file ?? documentFor(path)
  const type = MEDIA_TYPES[extname(path)] ?? 'application/octet-stream'
  // Isolated pages have clocks of 5 µs instead of 100 µs.
  response
    .writeHead(body === undefined ? 404 : 200, {
      'content-type': type,
      'cache-control': file && keptS > 0 ? `max-age=${keptS}` : 'no-cache',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
    })
    .end(body)
}

async function contents(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'EISDIR') return undefined
    throw error
  }
}

/** `/index.html` is a page with nothing on it. */
function documentFor(path: string): string | undefined {
  const [, entry] = /^\/([\w-]+)\.html$/.exec(path) ?? []
  if (entry === undefined) return undefined
  const script = entry === 'index' ? '' : `<script type="module" src="/${entry}.js"></script>`
  return `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><title>${entry}</title>${script}`
}
