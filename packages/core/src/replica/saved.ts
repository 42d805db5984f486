/** Where an edit has arrived: on this device, at the hub, in an external system. */
import { toHex } from '../bytes/hex.ts'
import { actorKind } from '../change/actors.ts'
import type { Host } from '../host.ts'
import { decodeFrontier } from '../log/frontier.ts'
import type { Seq, Store } from '../store/port.ts'
import type { SoundLog } from '../store/sound-log.ts'
import { ANSWERS_TABLE } from './answers.ts'
import { ASIDE_TABLE, type AsideEdit, asideSeq } from './aside.ts'
import { readForgotten } from './forgotten.ts'
import { covers, type Outcome, type Receipt } from './receipts.ts'
import { RecordNotFound } from './record-not-found.ts'
import { signaturesOf } from './turn.ts'
import type { Writer } from './writer.ts'

export interface SavedOptions {
  /** Gives up after so many milliseconds with `SaveTimeout`; without it, waits. */
  timeoutMs?: number
  /** Gives up when it is aborted, with its reason. */
  signal?: AbortSignalLike | undefined
}

/** As the platform's, which core does not know. */
interface AbortSignalLike {
  readonly aborted: boolean
  readonly reason: unknown
  addEventListener(type: 'abort', listener: () => void): void
  removeEventListener(type: 'abort', listener: () => void): void
}

/** The place will not have the edit. */
export class SaveRefused extends Error {
  override readonly name = 'SaveRefused'
  readonly code: string
  readonly place: string
  constructor(place: string, code: string, reason: string) {
    super(`${place} refused it (${code}): ${reason}`)
    this.place = place
    this.code = code
  }
}

export class SaveTimeout extends Error {
  override readonly name = 'SaveTimeout'
  readonly code = 'save-timeout'
}

export interface SavedSource {
  store: Store
  soundLog: Pick<SoundLog, 'readRecord'>
  host: Host
  writer: Writer
  /** Resolves when everything written before is durable: a turn after it was given. */
  written(): Promise<void>
  answeredSeq(): number
  /** Whether this credential was given to this device. */
  isOwn(credential: string): Promise<boolean>
  receipts(record: string): Promise<Receipt[]>
  aside(prefix: string): Promise<AsideEdit[]>
  /** Whether the record is shown by the hub's view alone: nothing of it was written here. */
  isShown(record: string): boolean
  /** Whether entries of the record are lacking here: then it may be that the hub was not told, or refused, what cannot be read. */
  isDamaged(record: string): boolean
}

export async function waitSaved(
  source: SavedSource,
  record: string,
  place: string,
  options: SavedOptions = {},
): Promise<void> {
  await source.written()
  await refuseUnknown(source, record)
  if (place === 'here') return
  const asked = place === 'hub' ? await editsUntilNow(source, record) : undefined
  const check = asked ? () => savedAtHub(source, record, asked) : () => savedOutside(source, record, place)
  if (await check()) return
  const { signal } = options
  if (signal?.aborted) throw signal.reason
  await new Promise<void>((resolve, reject) => {
    const end = (settle: () => void) => {
      stop()
      cancel?.()
      signal?.removeEventListener('abort', aborted)
      settle()
    }
    const aborted = () => end(() => reject(signal?.reason))
    const look = () => {
      check().then(
        (saved) => saved && end(resolve),
        (error: unknown) => end(() => reject(error as Error)),
      )
    }
    const stop = source.writer.onCommit(({ tables }) => {
      if ([ANSWERS_TABLE, ASIDE_TABLE, 'receipts'].some((table) => tables.has(table))) look()
    })
    const waited = () =>
      end(() => reject(new SaveTimeout(`${record} was not saved at ${place} within ${options.timeoutMs} ms`)))
    signal?.addEventListener('abort', aborted)
    const cancel = options.timeoutMs === undefined ? undefined : source.host.timer(options.timeoutMs, waited)
    look()
  })
}

/** A wrong id would otherwise pass for an edit that arrived. Only asked at the start: what is given up while somebody waits was answered. */
async function refuseUnknown({ store, aside, isShown }: SavedSource, record: string): Promise<void> {
  if (isShown(record)) return
  const [row] = await store.rows([record])
  if (row || (await aside(`${record}\n`)).length > 0 || (await readForgotten(store)) > 0) return
  throw new RecordNotFound(
    `saved: there is no ${record} here, nor an edit of it set aside; check the id, and that creating it did not fail`,
  )
}

/** What somebody who asks now asks about. */
interface Asked {
  /** Of the newest edit made here. */
  ownSeq: Seq
  /** Keys of what was refused before. */
  aside: ReadonlySet<string>
}

async function editsUntilNow({ store, aside }: SavedSource, record: string): Promise<Asked> {
  const ownSeq = await ownSeqOf(store, record)
  return { ownSeq, aside: new Set((await aside(`${record}\n`)).map(({ key }) => key)) }
}

async function ownSeqOf(store: Store, record: string): Promise<Seq> {
  const [row] = await store.rows([record])
  return row ? decodeFrontier(row.frontier).ownSeq : 0
}

async function savedAtHub(source: SavedSource, record: string, asked: Asked): Promise<boolean> {
  // Before the rest is read: a refusal that comes meanwhile is part of an answer, and that must not be taken for one to what was read before it.
  const answered = source.answeredSeq()
  const ownSeq = await ownSeqOf(source.store, record)
  const asides = await source.aside(`${record}\n`)
  // An edit made since then speaks for itself, and not for one that was asked about before.
  const refused =
    asides.find((edit) => !asked.aside.has(edit.key) && asideSeq(edit) <= asked.ownSeq) ??
    asides.findLast((edit) => asideSeq(edit) >= ownSeq)
  if (refused) throw new SaveRefused('hub', refused.code, refused.reason)
  return ownSeq <= answered && !source.isDamaged(record)
}

async function savedOutside(source: SavedSource, record: string, place: string): Promise<boolean> {
  // What cannot be read is not known to be answered.
  if (source.isDamaged(record)) return false
  const own = await ownSeqs(source, record)
  if (own.size === 0) return true
  const told = (await source.receipts(record)).filter((receipt) => receipt.place === place)
  const answers = told.filter((receipt) => covers(receipt, own))
  const standing = answers.filter((answer) => isNo(answer.outcome) && !isLifted(answer, answers))
  // A review that has ended is no answer any more, and what was decided is still to be written.
  const no = standing.findLast((answer) => answer.outcome !== 'review' || !isLifted(answer, told))
  if (no) throw new SaveRefused(place, no.outcome, no.reason ?? 'no reason given')
  return standing.length === 0 && answers.length > 0
}

function isNo(outcome: Outcome): boolean {
  return outcome === 'refused' || outcome === 'overruled' || outcome === 'review'
}

/** One of these says otherwise of the same fields, later. A field whose edit was overruled stays overruled: what is saved after it is another value. */
function isLifted(answer: Receipt, receipts: readonly Receipt[]): boolean {
  const { fields, outcome } = answer
  if (fields && outcome === 'overruled') return false
  return receipts
    .slice(receipts.indexOf(answer) + 1)
    .some((later) => !fields || !later.fields || fields.every((field) => later.fields!.includes(field)))
}

/** Highest sequence per actor of the edits made here, as far as they stand in the log up to `seqMax`. */
export async function ownSeqs(
  source: Pick<SavedSource, 'soundLog' | 'host' | 'isOwn'>,
  record: string,
  seqMax = Number.POSITIVE_INFINITY,
): Promise<Map<string, number>> {
  const seqs = new Map<string, number>()
  for (const logged of await source.soundLog.readRecord(record)) {
    if (logged.seq > seqMax) continue
    const signatures = signaturesOf(logged, source.host)
    for (const { actor, lastSeq, credentialHash } of signatures) {
      const name = toHex(actor)
      // What this node imported from an external system is nobody's edit to be saved.
      if (actorKind(name) !== 'run') continue
      // A snapshot made here has other authors' signatures too, and what was lost here came back from others: whose they are, their credentials say.
      if ((logged.origin || logged.kind === 'snapshot') && !(await source.isOwn(toHex(credentialHash))))
        continue
      seqs.set(name, Math.max(lastSeq, seqs.get(name) ?? 0))
    }
  }
  return seqs
}
