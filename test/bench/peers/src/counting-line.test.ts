import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CountingLine } from './counting-line.ts'

let server: Server
let line: CountingLine
let near: Socket
let far: Socket

beforeEach(async () => {
  server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  line = await CountingLine.start(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/path`)
  const accepted = once(server, 'connection') as Promise<[Socket]>
  near = connect(Number(new URL(line.urlOf('ws://127.0.0.1:1/')).port), '127.0.0.1')
  ;[far] = await accepted
})

afterEach(async () => {
  near.destroy()
  far.destroy()
  await line.close()
  server.close()
})

const heard = async (socket: Socket) => String((await once(socket, 'data'))[0])

describe('the counting line', () => {
  it('passes bytes on both ways, and counts them by direction', async () => {
    near.write('up')
    expect(await heard(far)).toBe('up')
    far.write('HTTP/1.1 down')
    expect(await heard(near)).toBe('HTTP/1.1 down')
    expect(line.traffic).toMatchObject({ bytesUp: 2, bytesDown: 13, messagesUp: 0, messagesDown: 1 })
  })

  it('counts anew after a reset', async () => {
    near.write('up')
    await heard(far)
    line.reset()
    expect(line.traffic).toEqual({ bytesUp: 0, bytesDown: 0, messagesUp: 0, messagesDown: 0, ms: 0 })
  })

  it('leads to the path of the server', () => {
    expect(new URL(line.urlOf('ws://127.0.0.1:1/records')).pathname).toBe('/records')
  })

  it('ends one side when the other ends', async () => {
    const ended = once(far, 'close')
    near.end()
    far.resume()
    await ended
  })

  it('is quiet once nothing was sent for so long, and says so when it never is', async () => {
    expect(await line.quiet(1, 1_000)).toBe(true)
    expect(await line.quiet(1_000, 0)).toBe(false)
  })
})
