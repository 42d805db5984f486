/** The ways an answer can leave: whole, by half, or not at all. The only place of the API that touches a socket. */
import type { HttpBindings } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import type { Context } from 'hono'
import type { Answer } from './call.ts'

type HttpContext = Context<{ Bindings: HttpBindings }>

const bodyless = [204, 304]

export function responseOf({ status, headers, body }: Answer): Response {
  return new Response(bodyless.includes(status) ? null : body, { status, headers })
}

/** The caller sees the connection break, and cannot know whether its call was done. */
export function cutSocket(context: HttpContext): Response {
  context.env.outgoing.destroy()
  context.env.incoming.socket.destroy()
  return RESPONSE_ALREADY_SENT
}

/** Promises the whole body, sends the first half, and breaks the connection. */
export function sendHalf(context: HttpContext, { status, headers, body }: Answer): Promise<void> {
  const { incoming, outgoing } = context.env
  const bytes = Buffer.from(body)
  outgoing.writeHead(status, { ...headers, 'content-length': bytes.length })
  return new Promise((resolve) => {
    outgoing.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => {
      incoming.socket.destroy()
      resolve()
    })
  })
}

/** Aborted when the caller is no longer there to hear the answer. */
export function goneSignal(context: HttpContext): AbortSignal {
  const gone = new AbortController()
  context.env.outgoing.once('close', () => gone.abort())
  return gone.signal
}
