/** Whether this machine carries multicast, and a UDP port on which a test is alone. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import multicastDns from 'multicast-dns'

/** The loopback interface: whatever cables and containers there are, it is there. */
export const LOOPBACK = '127.0.0.1'
/** Milliseconds; loopback needs one. */
const HEARD_MS_MAX = 1_000

/** A port that is free now; mDNS binds it shared, so that two nodes of one machine hear each other. */
export async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4')
  socket.bind(0, LOOPBACK)
  await once(socket, 'listening')
  const { port } = socket.address()
  await new Promise<void>((resolve) => socket.close(resolve))
  return port
}

/** Undefined when multicast works on the loopback interface, else why not. */
export async function whyNoMulticast(): Promise<string | undefined> {
  const socket = multicastDns({ interface: LOOPBACK, bind: '0.0.0.0', port: await freeUdpPort() })
  const heard = new Promise<string | undefined>((resolve) => {
    const timer = setTimeout(() => resolve(`nothing was heard in ${HEARD_MS_MAX} ms`), HEARD_MS_MAX)
    const settle = (why?: string): void => {
      clearTimeout(timer)
      resolve(why)
    }
    socket.on('warning', (error) => settle(error.message))
    socket.on('error', (error) => settle(error.message))
    socket.on('query', () => settle())
    socket.on('ready', () => socket.query('_probe._udp.local', 'PTR'))
  })
  const why = await heard
  await new Promise<void>((resolve) => socket.destroy(resolve))
  return why
}
