/** What an application sees of a meeting, and the options that it is held to. */
import type { Peer, ReplicaBase, Session } from '@skerry/core'
import type { LinkError } from '@skerry/ws'
import type { Discovery } from './discovery.ts'
import { ADDRESSES_MAX, SPACE_BYTES_MAX } from './limits.ts'

export type LanEvent =
  | { kind: 'met'; peer: Peer; dialled: boolean }
  | { kind: 'parted'; peer: Peer; reason: string }
  /** An address refused, or was refused; it is left alone for minutes, or until `renew`. */
  | { kind: 'refused'; url: string; error: LinkError }
  /** Nobody can be found just now, and why. */
  | { kind: 'discovery-problem'; error: Error }

export interface MeetOptions {
  /** TCP port to listen on. Default: any that is free. */
  port?: number
  /** Address to listen on. Default `0.0.0.0`: the whole LAN. */
  address?: string
  /** Peers that are dialled wherever mDNS does not reach: `ws://10.0.0.7:4711/sync`, or `wss:`. */
  addresses?: readonly string[]
  /** Default: mDNS. `none`: only `addresses`. It is closed with the meeting. */
  discovery?: Discovery | 'none'
  /** Sessions accepted at once. Default ACCEPTED_MAX. */
  acceptedMax?: number
  log?: (event: LanEvent) => void
}

/** A peer in an open session. */
export interface MetPeer {
  peer: Peer
  session: Session
  /** This node began it. */
  dialled: boolean
}

export interface Meeting {
  /** Where this node accepts sessions. */
  readonly port: number
  readonly peers: readonly MetPeer[]
  /** Addresses dialled, open or not. */
  readonly dialling: readonly string[]
  /** Called after each change of `peers`; the result stops it. */
  subscribe(listener: () => void): () => void
  /** The replica has a newer credential: every session is made anew and shows it, and whoever was refused is dialled again. */
  renew(): void
  /** Says goodbye, ends every session; resolves when no socket and no timer is left. */
  close(): Promise<void>
}

export class MeetRefused extends Error {
  override readonly name = 'MeetRefused'
  readonly code: 'not-enrolled' | 'space-too-long' | 'too-many-addresses'
  constructor(code: MeetRefused['code'], message: string) {
    super(message)
    this.code = code
  }
}

/** @throws MeetRefused */
export function checkOptions(
  { session }: Pick<ReplicaBase, 'session'>,
  { addresses = [] }: MeetOptions,
): void {
  if (session.credential === undefined)
    throw new MeetRefused(
      'not-enrolled',
      `meeting peers: ${session.node} has no credential to show; enrol it first`,
    )
  const spaceBytes = Buffer.byteLength(session.space)
  if (spaceBytes > SPACE_BYTES_MAX)
    throw new MeetRefused(
      'space-too-long',
      `meeting peers: the space's name has ${spaceBytes} bytes, limit ${SPACE_BYTES_MAX}`,
    )
  if (addresses.length > ADDRESSES_MAX)
    throw new MeetRefused(
      'too-many-addresses',
      `meeting peers: ${addresses.length} addresses, limit ${ADDRESSES_MAX}; use a hub`,
    )
}
