/** Ports for people, who like to find the same address again. */
import { createServer } from 'node:net'

export const HUB_PORT = 7_700
export const CRM_PORT = 7_800

/** The port if it is free on loopback, else 0 for any. */
export function freeOr0(port: number): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(0))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(port)))
  })
}
