/** Uploads request by request, as a device that does only what it is told. */
import { createHash } from 'node:crypto'
import { provePossession } from '@skerry/credentials'
import type { Device, World } from './world.ts'

export async function send(
  { hub }: World,
  { replica }: Device,
  method: string,
  path: string,
  init: { headers?: Record<string, string>; body?: Uint8Array<ArrayBuffer> } = {},
): Promise<Response> {
  const url = new URL(path, hub.url).href
  const { token } = replica.credential!
  const key = { publicKey: replica.publicKey, sign: (message: Uint8Array) => replica.session.sign(message) }
  const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest())
  const dpop = await provePossession(token, { method, url, at: Date.now() }, key, sha256)
  const headers = { ...init.headers, authorization: `DPoP ${token}`, dpop, 'tus-resumable': '1.0.0' }
  return fetch(url, { method, ...init, headers })
}

const inBase64 = (text: string) => Buffer.from(text).toString('base64')

export interface Beginning {
  sha256: string
  record: string
  type: string
  bytes: number
}

export const begin = (world: World, device: Device, { sha256, record, type, bytes }: Beginning) => {
  const metadata = `sha256 ${inBase64(sha256)},type ${inBase64(type)},record ${inBase64(record)}`
  const headers = { 'upload-length': String(bytes), 'upload-metadata': metadata }
  return send(world, device, 'POST', '/api/v1/blobs/uploads', { headers })
}

export const piece = (
  world: World,
  device: Device,
  path: string,
  offset: number,
  body: Uint8Array<ArrayBuffer>,
) =>
  send(world, device, 'PATCH', path, {
    headers: { 'upload-offset': String(offset), 'content-type': 'application/offset+octet-stream' },
    body,
  })

export const codeOf = async (response: Response) => ((await response.json()) as { code: string }).code
