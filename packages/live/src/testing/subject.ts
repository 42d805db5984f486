/** What a test of the contract is given: an implementation on a new space. */
import type { LiveReplica } from '../port.ts'
import type { ContractSpace } from './contract-space.ts'

export interface LiveSubject {
  readonly space: ContractSpace
  /** One page's hold of the space's device; its line is open. */
  readonly live: LiveReplica
  /** Another page of the same device. */
  page(): Promise<LiveReplica>
  /** The power goes: all pages are gone, and one is opened on what was durable. */
  afterPowerLoss(): Promise<LiveReplica>
  /** Whoever holds the replica goes, and another one takes its place, as when a worker dies. Absent: there is nobody but the page itself. */
  move?(): Promise<void>
  close(): Promise<void>
}

export type OpenLiveSubject = (options?: { enrolled?: boolean }) => Promise<LiveSubject>
