/** The system that the office works in, as the story sees it: its rows, the office's edits, its calls, and answers held back. Which one it is, `--erp` says. */
import type { Airport } from './data.ts'

/** In the story's words, whatever the system calls them. */
export interface Case {
  id: string
  fields: {
    title: string
    status: string
    priority: string
    site: string
    notes: string
    hours: number
  }
}

/** A write of one case, made or tried; a call may carry several. */
export interface CaseWrite {
  /** The case's external id. */
  record: string
  /** In the story's words. */
  fields: readonly string[]
  /** The write made the case. */
  created: boolean
  /** Something was stored by it. */
  committed: boolean
}

export interface Crm {
  /** For people: what it is, and where. */
  readonly name: string
  readonly url: string
  /** For a person who wants to look: where, and how to get in. */
  readonly page: string
  /** What the adapter node is told in its environment. */
  readonly environment: Readonly<Record<string, string>>
  /** Writes that a change of status costs beside that of the other fields. */
  readonly writesOfStatus: number
  /** Airports become accounts, under their code. @returns how many were made */
  seedAccounts(airports: readonly Airport[]): Promise<number>
  /** Cases that are not deleted. */
  cases(): Promise<Case[]>
  officeEdit(one: Pick<Case, 'id'>, fields: Partial<Case['fields']>): Promise<unknown>
  /** Commits the next calls that change cases, and keeps their answers back. */
  hold(count: number): Promise<unknown>
  /** Resolves when so many writes are committed and wait for their answers. @throws when that takes too long */
  held(atLeast: number): Promise<void>
  /** No further call is held. */
  unplan(): Promise<unknown>
  /** Lets the answers go. */
  release(): Promise<void>
  /** Number of the newest call. */
  lastCall(): Promise<number>
  /** Of cases, in calls after the one numbered `since`. */
  writes(since: number): Promise<CaseWrite[]>
}

/** Milliseconds that a call may take to be held. */
export const HELD_MS_MAX = 15_000
