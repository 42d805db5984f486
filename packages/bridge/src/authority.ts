/**
 * Whose a field is (SPEC B-96 to B-99): one side's, or that of several systems in order. Which system gave a value is told by the actor of what shows, so every node that has the record
 * knows it, whichever node the other systems are bridged by.
 */
import type { Json, RecordState } from '@skerry/core'
import { type BridgeContext, pointer, runSeqs } from './context.ts'
import { importAtHeads } from './import-at-heads.ts'
import { type Field, type Mapping, withField } from './mapping.ts'
import { misfit } from './schema-fit.ts'
import type { Shadow } from './shadow.ts'
import type { BridgeTables } from './tables.ts'
import { tellOverruled } from './told.ts'
import { saysTheSame, type Verdict } from './verdict.ts'

/** Whom the field's authority gives right; undefined: nobody, its rule decides. */
export async function byAuthority(
  { system }: BridgeContext,
  tables: BridgeTables,
  record: string,
  { field: { name, authority } }: Verdict,
): Promise<'ours' | 'theirs' | undefined> {
  if (authority === undefined) return undefined
  if (authority === 'this') return 'ours'
  if (authority === 'that') return 'theirs'
  const [shown] = await givers(tables, record, name, authority)
  if (!shown?.system || shown.system === system) return undefined
  return authority.indexOf(shown.system) < authority.indexOf(system) ? 'ours' : 'theirs'
}

interface Given {
  value: Json
  /** Undefined: somebody here. */
  system: string | undefined
}

/** What shows first. */
async function givers(
  tables: BridgeTables,
  record: string,
  name: string,
  systems: readonly string[],
): Promise<Given[]> {
  const written = await tables.transaction.written(record, name)
  return written.map(({ value, actor }) => ({
    value,
    system: tables.transaction.importedFrom(actor, systems)?.system,
  }))
}

interface Subject {
  mapping: Mapping
  record: string
  state: RecordState
  shadow: Shadow | undefined
}

/** One field put back, and why. */
interface Enforced {
  field: Field
  was: Json | undefined
  became: Json | undefined
  why: string
  /** Somebody here hears that the edit lost. */
  isOurs: boolean
}

/** Puts back what is not this side's to say, as one change. @throws BridgeError mapping */
export async function enforce(
  context: BridgeContext,
  tables: BridgeTables,
  { mapping, record, state, shadow }: Subject,
): Promise<RecordState> {
  if (!mapping.hasAuthority || !shadow || shadow.gone || !state.value) return state
  const enforced: Enforced[] = []
  for (const field of mapping.fields) {
    const one =
      field.authority === 'that'
        ? notOurs(context, mapping, field, state, shadow)
        : await outranked(context, tables, field, state)
    if (typeof one === 'string') notEnforced(context, tables, record, field, one)
    else if (one) enforced.push(one)
  }
  if (enforced.length === 0) return state
  let value = state.value
  for (const { field, became } of enforced) value = withField(value, field.name, became)
  const { type, rowId: id, version } = shadow
  const after = await importAtHeads(context, tables, { record, value, row: { type, id, version } })
  for (const one of enforced) await tell(context, tables, state, one)
  return after
}

/** An edit of a field that is theirs (B-97). A text: what the schema says against their value. */
function notOurs(
  { system }: BridgeContext,
  mapping: Mapping,
  field: Field,
  { value }: RecordState,
  shadow: Shadow,
): Enforced | string | undefined {
  const [was, theirs] = [value![field.name], shadow.value[field.external] ?? null]
  if (saysTheSame(field, was, theirs)) return undefined
  const became = field.from(theirs)
  const against = misfit(mapping, value!, field.name, became)
  if (against) return against
  const why = `${pointer(field.name)} is ${system}'s to say: the edit made here was overruled`
  return { field, was, became, why, isOurs: true }
}

/** A lower system's value that the engine put above this one's (B-99). */
async function outranked(
  { system }: BridgeContext,
  tables: BridgeTables,
  field: Field,
  { key }: RecordState,
): Promise<Enforced | undefined> {
  const { name, authority } = field
  if (!Array.isArray(authority)) return undefined
  const [shown, ...beside] = await givers(tables, key, name, authority)
  if (!shown?.system) return undefined
  const rank = (one: Given) => authority.indexOf(one.system ?? '')
  const best = beside.filter((one) => one.system).sort((a, b) => rank(a) - rank(b))[0]
  if (best?.system !== system || rank(best) >= rank(shown)) return undefined
  const why = `${pointer(name)} is ${system}'s to say before ${shown.system}: the value that came from there was overruled`
  return { field, was: shown.value, became: best.value, why, isOurs: false }
}

async function tell(
  context: BridgeContext,
  tables: BridgeTables,
  state: RecordState,
  { field, was, became, why, isOurs }: Enforced,
): Promise<void> {
  await tellOverruled(context, tables, state.key, {
    values: { [pointer(field.name)]: { was: was ?? null, became: became ?? null } },
    seqs: isOurs ? runSeqs(state) : {},
    rules: ['authority'],
    reason: why,
  })
}

function notEnforced(
  { system }: BridgeContext,
  tables: BridgeTables,
  record: string,
  { name }: Field,
  against: string,
): void {
  tables.tell({
    level: 'warn',
    code: 'not-enforced',
    message: `${record}: ${pointer(name)} is ${system}'s to say, but what it says does not fit: ${against}`,
    fields: { record },
  })
}
