/** Where the edits of a record stand: in an external system by its receipts alone, at the hub by what it acknowledged, refused and mended (P-7, P-8). */
import type { HistoryItem } from '../records/history.ts'
import type { Versions } from '../records/versions.ts'
import type { Receipt } from './receipts.ts'
import type { ReplicaCore } from './replica-core.ts'
import { editsByField, type FieldEdits, type Standing, standingOf } from './standing.ts'

interface Asked {
  key: string
  versions: Versions
  history: readonly HistoryItem[]
  /** Of the place alone, oldest first, by the names of this version. */
  receipts: readonly Receipt[]
}

export function standingAtSystem({ history, receipts }: Asked): Standing[] {
  return [...editsByField(history)].map(([field, edits]) => standingOf(field, edits, receipts))
}

export async function standingAtHub(core: ReplicaCore, asked: Asked): Promise<Standing[]> {
  const answered = await core.answeredSeqs(asked.key)
  const refused = await refusedAtHub(core, asked)
  const others = [...editsByField(asked.history)].filter(([field]) => !refused.has(field))
  const standing = others.map(async ([field, edits]): Promise<Standing> => {
    if ([...edits].some(([actor, seq]) => seq > (answered.get(actor) ?? seq)))
      return { field, state: 'pending' }
    const told = standingOf(field, await askedAbout(core, edits, answered), asked.receipts)
    // What is here and was made elsewhere came by the hub, or is another device's to tell it.
    return told.state === 'pending' ? { field, state: 'saved' } : told
  })
  return [...refused.values(), ...(await Promise.all(standing))]
}

/**
 * A mend is an edit too, and comes after what its receipt speaks of. That speaks of one device's delivery alone: of this device, its newest edit of the field is asked about, whoever
 * wrote the field besides, and whichever of its runs did.
 */
async function askedAbout(
  core: ReplicaCore,
  edits: FieldEdits,
  own: ReadonlyMap<string, number>,
): Promise<FieldEdits> {
  const kept: [actor: string, seq: number][] = []
  for (const edit of edits) if (!(await core.isAuthority(edit[0]))) kept.push(edit)
  const newest = kept.findLast(([actor]) => own.has(actor))
  return new Map(newest ? [newest] : kept)
}

/** Fields of edits that were set aside, each by the newest of them. */
async function refusedAtHub(core: ReplicaCore, { key, versions }: Asked): Promise<Map<string, Standing>> {
  const refused = new Map<string, Standing>()
  for (const { edits, code, reason, at } of await core.aside(`${key}\n`))
    for (const { path } of edits) {
      const [field] = versions.named(path)?.path ?? []
      if (field !== undefined) refused.set(field, { field, state: 'refused', rule: code, reason, at })
    }
  return refused
}
