/**
 * Up to where a hub has answered about this log: acknowledged or refused it. An answer stands only as long as the hub's log still owns the sequence at which it was given:
 * a hub that was set back to an older copy has lost what it acknowledged since, and is told again. So the newest answer of each of the hub's runs is kept, with that sequence; when
 * the newest is void, the one before it counts.
 */
import { decodeUtf8, encodeUtf8 } from '../bytes/utf8.ts'
import { ownsSeq, runOwning } from '../log/cursor.ts'
import { RUNS_LISTED_MAX } from '../session/limits.ts'
import type { RunRow, Seq, Store } from '../store/port.ts'
import type { Turn } from './turn.ts'

export const ANSWERS_TABLE = 'acknowledged'

/** Names the log of the hub that was met last. */
const HUB_TABLE = 'hub'
const MET_KEY = 'met'

/** Hubs that one replica has met; far more than any has. */
const HUBS_READ_MAX = 1_000

/** Everything up to `seq` of this log was answered; the hub's log stood at `at`, in its run `run`, when that was durable. */
export interface Answer {
  run: string
  /** The run as origins name it; absent in rows of earlier versions. */
  heard?: string
  at: Seq
  seq: Seq
}

/** Answers of one hub, oldest run first, ascending. */
export type Answers = readonly Answer[]

/** The sequence up to which all is answered. */
export function answeredUpTo(answers: Answers | undefined): Seq {
  return answers?.at(-1)?.seq ?? 0
}

/**
 * `at` absent: nothing was asked of the hub between the newest answer and `seq`, so that one reaches further. `runs`: the hub's, at least one. A hub that has written nothing since it was
 * started answers at a sequence of an earlier run. `answers`: those that stand. `heardAs`: how origins name a run of this hub.
 */
export function withAnswer(
  answers: Answers,
  runs: readonly RunRow[],
  heardAs: (run: string) => string,
  seq: Seq,
  at: Seq | undefined,
): Answers {
  // Told anew, because the hub asked from the beginning, it is answered anew: what was answered already stays so meanwhile.
  if (seq <= answeredUpTo(answers)) return answers
  const given = at === undefined ? (answers.at(-1) ?? beginning(runs)) : standAt(runs, at)
  const answer = { run: given.run, heard: heardAs(given.run), at: given.at, seq }
  return [...answers.filter((one) => one.run !== answer.run && one.seq <= seq), answer].slice(
    -RUNS_LISTED_MAX,
  )
}

function standAt(runs: readonly RunRow[], at: Seq): Pick<Answer, 'run' | 'at'> {
  const owner = runOwning(runs, at)
  return owner ? { run: owner.run, at } : beginning(runs)
}

function beginning(runs: readonly RunRow[]): Pick<Answer, 'run' | 'at'> {
  const { run, first } = runs.at(-1)!
  return { run, at: first }
}

/** Those that the hub with these runs (the newest it has) has not lost. */
export function standing(answers: Answers, runs: readonly RunRow[]): Answers {
  return answers.filter(({ run, at }) => ownsSeq(runs, run, at))
}

/** By log of the hub. */
export async function readAnswers(store: Store): Promise<Map<string, Answers>> {
  const rows = await store.scan(ANSWERS_TABLE, { limit: HUBS_READ_MAX })
  return new Map(rows.map((row) => [row.key, decode(row.value)]))
}

/** Log of the hub that was met last: what another one answered says nothing of what this one has. Of a turn: with what turns of the same commit have met. */
export async function readHubMet(store: Pick<Store, 'get'>): Promise<string | undefined> {
  const value = await store.get(HUB_TABLE, MET_KEY)
  return value && decodeUtf8(value)
}

export function writeHubMet(turn: Turn, log: string): void {
  turn.put(HUB_TABLE, MET_KEY, encodeUtf8(log))
}

/** Highest sequence that the hub met last has answered, with what turns of the same commit have heard. */
export async function answeredIn(turn: Turn): Promise<Seq> {
  const met = await readHubMet(turn)
  return met === undefined ? 0 : answeredUpTo(await answersOf(turn, met))
}

/** Of every hub, as `answeredIn`. */
export async function readAnswersIn(turn: Turn): Promise<Answers[]> {
  const rows = await turn.scan(ANSWERS_TABLE, { limit: HUBS_READ_MAX })
  return rows.map((row) => decode(row.value))
}

export async function answersOf(turn: Turn, log: string): Promise<Answers> {
  const value = await turn.get(ANSWERS_TABLE, log)
  return value ? decode(value) : []
}

export function writeAnswers(turn: Turn, log: string, answers: Answers): void {
  turn.put(ANSWERS_TABLE, log, encodeUtf8(JSON.stringify(answers)))
}

function decode(value: Uint8Array): Answers {
  return JSON.parse(decodeUtf8(value) ?? '[]') as Answers
}
