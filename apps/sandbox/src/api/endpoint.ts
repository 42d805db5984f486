/** What a route of the API is: a synchronous function from a call to an answer, which may throw a Problem. */

import type { Answer, Call } from '../calls/call.ts'
import type { World } from '../world.ts'

export type EndpointContext = {
  world: World
  call: Call
  /** The authenticated client; empty for the token endpoint, which needs none. */
  client: string
  /** A decoded part of the address; empty when the route has none of that name. */
  param: (name: string) => string
}

export type Endpoint = (context: EndpointContext) => Answer
