/** What the app of one node does to visits. Each edit is one update, so that its mark and its effects are there together or not at all. */
import {
  type AsideEdit,
  EditRefused,
  NotHereYet,
  RecordInvalid,
  RecordNotFound,
  RecordQuarantined,
  ReplicaClosed,
  StoreError,
} from '@skerry/core'
import type { Random } from '../machine/random.ts'
import { type Site, sites } from '../nodes/collections.ts'
import type { Process } from '../nodes/process.ts'
import type { Edit, Ledger } from '../oracles/ledger.ts'
import { OracleFailed } from '../oracles/oracle-failed.ts'

export interface EditContext {
  process: Process
  random: Random
  ledger: Ledger
  isBulky: boolean
  tell(line: string): void
}

/** Characters of a photo: a few of them use up a session's credit. */
const PHOTO_LENGTH_LEAST = 150_000
const PHOTO_LENGTH_MOST = 400_000
const SKUS = 3

/** @returns the new id */
export async function createVisit(context: EditContext): Promise<string> {
  const { process, random, ledger, tell } = context
  const { name, grant } = process.node
  const writable = sites.filter((site) => grant.write.includes(site) || grant.write.includes('*'))
  const site = random.pick(writable.length > 0 && random.chance(0.95) ? writable : sites)
  const id = `v${random.below(10 ** 9)}`
  const mark = ledger.newMark()
  const edit: Edit = { mark, record: `visits/${id}`, node: name, hours: 0, title: mark, site }
  ledger.placed(mark, edit.record, name, site)
  ledger.edits.set(mark, edit)
  tell(`${name} creates ${id} in ${site}: ${mark}`)
  await attempt(context, edit, () =>
    process.replica.visits.create({ site, title: mark, marks: { [mark]: true } }, { id }),
  )
  return id
}

export async function editVisit(
  context: EditContext,
  { moves = false, id }: { moves?: boolean; id?: string },
): Promise<void> {
  const { process, random, ledger, tell } = context
  const { name } = process.node
  const visit = id === undefined ? await someVisit(context) : await process.replica.visits.get(id)
  if (!visit) return
  const mark = ledger.newMark()
  const edit: Edit = { mark, record: `visits/${visit.id}`, node: name, hours: 0 }
  if (moves) edit.site = random.pick(sites)
  const kind = random.below(4)
  if (kind === 0) edit.title = mark
  if (kind === 1) edit.note = mark
  if (kind === 2) edit.hours = 1 + random.below(3)
  if (kind === 3) edit.part = { sku: `p${random.below(SKUS)}`, qty: Number(mark.slice(2, 7)) }
  const atEnd = random.chance(0.7)
  const photo = context.isBulky
    ? letters(random, random.between(PHOTO_LENGTH_LEAST, PHOTO_LENGTH_MOST))
    : undefined
  ledger.placed(mark, edit.record, name, visit.site)
  if (edit.site) ledger.entered(edit.record, edit.site)
  ledger.edits.set(mark, edit)
  tell(
    `${name} edits ${visit.id} (in ${visit.site}${edit.site ? ` to ${edit.site}` : ''}): ${mark} ${['title', 'notes', 'hours', 'parts'][kind]}`,
  )
  await attempt(context, edit, () =>
    process.replica.visits.update(visit.id, (draft) => {
      draft.marks = { ...draft.marks, [mark]: true }
      ledger.entered(edit.record, draft.site)
      if (edit.site) draft.site = edit.site as Site
      if (edit.title) draft.title = mark
      if (edit.note) draft.notes = atEnd ? `${draft.notes ?? ''}${mark} ` : `${mark} ${draft.notes ?? ''}`
      if (edit.hours) draft.hours = (draft.hours ?? 0) + edit.hours
      const { part } = edit
      if (part) draft.parts = [...(draft.parts ?? []).filter(({ sku }) => sku !== part.sku), part]
      if (photo) draft.photo = photo
    }),
  )
}

export async function deleteVisit(context: EditContext): Promise<void> {
  const { process, ledger, tell } = context
  const visit = await someVisit(context)
  if (!visit) return
  tell(`${process.node.name} deletes ${visit.id}`)
  ledger.deleted.add(`visits/${visit.id}`)
  await process.replica.visits.delete(visit.id).catch(expected)
}

/** The app shows what was refused, and the user tries again or lets it go. */
export async function settleAside({ process, random, tell }: EditContext): Promise<void> {
  const aside: AsideEdit[] = await process.replica.aside()
  if (aside.length === 0) return
  const { key, record } = random.pick(aside)
  const drops = random.chance(0.3)
  tell(`${process.node.name} ${drops ? 'drops' : 'reapplies'} what was refused of ${record}`)
  await (drops ? process.replica.dropAside(key) : process.replica.reapply(key)).catch((error) => {
    const isLate = error instanceof TypeError || error instanceof RecordInvalid
    // It was settled meanwhile, or does not fit the record as it is now.
    if (!isLate && !(error instanceof EditRefused)) expected(error)
  })
}

async function someVisit({ process, random }: EditContext) {
  const known = await process.replica.visits.all()
  return known.length > 0 ? random.pick(known) : undefined
}

async function attempt(
  { process, ledger }: EditContext,
  edit: Edit,
  run: () => Promise<{ id: string; marks?: Record<string, boolean> | undefined }>,
): Promise<void> {
  // A refusal may be in the commit of this very edit, and take back what it builds on.
  const { asides } = process
  const written = await run().catch(expected)
  if (!written) return
  const { id } = written
  if (!written.marks?.[edit.mark])
    throw new OracleFailed('reads', `${edit.node} wrote ${edit.mark} and was shown ${id} without it`)
  const read = await process.replica.visits.get(id)
  if (read && !read.marks?.[edit.mark] && asides === process.asides)
    throw new OracleFailed('reads', `${edit.node} wrote ${edit.mark} and reads ${id} without it`)
  const saved = process.replica.visits.saved(id, 'hub').then(
    () => ledger.acknowledged.push({ edit, hubRestores: process.answers.hubRestores(ledger.hubRestores) }),
    // A refusal is an answer too.
    () => undefined,
  )
  ledger.wait(`${edit.mark} of ${edit.node}`, saved)
  process.life.atDeath(() => ledger.waiting.delete(`${edit.mark} of ${edit.node}`))
}

/** What an app must be ready for. */
export function expected(error: unknown): undefined {
  const known = [RecordNotFound, RecordQuarantined, NotHereYet, StoreError, ReplicaClosed]
  if (!known.some((kind) => error instanceof kind)) throw error
}

function letters(random: Random, length: number): string {
  return Buffer.from(random.bytes(Math.ceil((length * 3) / 4))).toString('base64')
}
