/** Mappings for what is not mapped yet, by names and kinds that are alike (SPEC B-175, AI-1). Pure, and no more than a proposal: a person reads it before it is pasted. */
import type { Collection, Shape } from '@skerry/core'
import type { FieldKind, FieldSchema, TypeSchema } from '../adapter-port.ts'
import { alike } from '../identity/alike.ts'
import { escaped } from '../mapping/path.ts'
import type { Mapping } from '../mapping.ts'
import { isDescribed, type SystemSchema } from './read-schema.ts'

/** Below it a name is like another by chance. */
const NAME_SCORE_MIN = 0.5
/** What a kind that fits exactly, and one that loses values, make of the names' likeness. */
const EXACT = 1
const LOSSY = 0.8

export interface ProposedField {
  /** In the record. */
  field: string
  external: string
  /** Left out: as it is. */
  kind?: 'decimal' | 'date' | 'time'
  scale?: number
  direction?: 'in'
  /** From 0 to 1: how alike names are, less where the kinds do not quite fit. */
  score: number
}

export interface MappingProposal {
  collection: string
  type: string
  /** Of the two names, or 1 for what is mapped already. */
  score: number
  /** The mapping has fields already, and these would be added to it. */
  isMapped: boolean
  /** Best first. */
  fields: ProposedField[]
}

interface Own {
  name: string
  shape: Shape
}

/** For mapped collections what neither side has mapped yet, and for others the type whose name and fields are most alike. */
export function proposeMappings(
  collections: Iterable<Collection>,
  mappings: readonly Mapping[],
  schema: SystemSchema,
): MappingProposal[] {
  const described = [...schema.values()].filter(isDescribed)
  const proposals = mappings.flatMap((mapping) => {
    const type = described.find((one) => one.type === mapping.type)
    const fields = type ? proposeFields(mapping.collection, type, mapping) : []
    const { collection, type: name } = mapping
    return fields.length > 0
      ? [{ collection: collection.name, type: name, score: 1, isMapped: true, fields }]
      : []
  })
  const mapped = new Set(mappings.flatMap(({ collection, type }) => [`c ${collection.name}`, `t ${type}`]))
  for (const collection of collections) {
    if (mapped.has(`c ${collection.name}`)) continue
    const best = described
      .filter(({ type }) => !mapped.has(`t ${type}`))
      .map((type) => proposeNew(collection, type))
      .sort((a, b) => b.score - a.score || (a.type < b.type ? -1 : 1))[0]
    if (best && best.fields.length > 0 && best.score >= NAME_SCORE_MIN) proposals.push(best)
  }
  return proposals
}

function proposeNew(collection: Collection, type: TypeSchema): MappingProposal {
  const fields = proposeFields(collection, type)
  const named = Math.max(nameScore(collection.name, type.type), nameScore(collection.name, type.label))
  // Names of types are often the vendor's own: fields that are alike say as much.
  const share = fields.reduce((sum, { score }) => sum + score, 0) / Math.max(1, ownFields(collection).length)
  return {
    collection: collection.name,
    type: type.type,
    score: round(Math.max(named, (named + share) / 2)),
    isMapped: false,
    fields,
  }
}

/** Each field of either side once, the most alike first. */
function proposeFields(collection: Collection, { fields }: TypeSchema, mapping?: Mapping): ProposedField[] {
  const named = (side: 'record' | 'row') => [
    ...(mapping?.fields.flatMap((field) => field[side]) ?? []),
    // A mapping that bridged it would be refused (B-157).
    ...(mapping?.never[side] ?? []),
  ]
  const here = new Set(named('record').map(({ root }) => root))
  const there = new Set(named('row').map(({ root }) => root))
  const own = ownFields(collection).filter(({ name }) => !here.has(name))
  const pairs = own.flatMap((one) =>
    fields.flatMap((other) => (there.has(other.name) ? [] : (proposed(one, other) ?? []))),
  )
  pairs.sort((a, b) => b.score - a.score || (a.external < b.external ? -1 : 1))
  const taken = new Set<string>()
  return pairs.filter(({ field, external }) => {
    if (taken.has(`h ${field}`) || taken.has(`t ${external}`)) return false
    taken.add(`h ${field}`).add(`t ${external}`)
    return true
  })
}

function ownFields({ shape }: Collection): Own[] {
  return [...shape.fields].map(([name, inner]) => ({ name, shape: inner }))
}

function proposed({ name, shape }: Own, other: FieldSchema): ProposedField | undefined {
  const likeness = Math.max(nameScore(name, other.name), nameScore(name, other.label))
  const fit = likeness >= NAME_SCORE_MIN ? fitOf(shape, other) : undefined
  if (!fit) return undefined
  const { factor, ...settings } = fit
  return {
    field: escaped(name),
    external: escaped(other.name),
    ...settings,
    ...(!other.writable && { direction: 'in' as const }),
    score: round(likeness * factor),
  }
}

type Fit = { factor: number } & Pick<ProposedField, 'kind' | 'scale'>

const asString: Partial<Record<FieldKind, Fit>> = {
  text: { factor: EXACT },
  enum: { factor: EXACT },
  decimal: { factor: EXACT, kind: 'decimal' },
  date: { factor: EXACT, kind: 'date' },
  time: { factor: EXACT, kind: 'time' },
  // Which collection it leads to is a person's to say.
  reference: { factor: LOSSY },
}

function fitOf(shape: Shape, { kind, scale }: FieldSchema): Fit | undefined {
  if (shape.kind === 'text') return kind === 'text' ? { factor: EXACT } : undefined
  if (shape.kind === 'counter') return kind === 'integer' ? { factor: EXACT } : undefined
  if (shape.kind !== 'scalar') return kind === 'json' ? { factor: LOSSY } : undefined
  if (shape.holds.includes('string')) {
    const fit = asString[kind]
    return fit && kind === 'decimal' && scale !== undefined ? { ...fit, scale } : fit
  }
  if (shape.holds.includes('number') && (kind === 'number' || kind === 'integer'))
    return { factor: kind === 'number' ? EXACT : LOSSY }
  if (shape.holds.includes('boolean') && kind === 'boolean') return { factor: EXACT }
  if (shape.holds.includes('choice') && (kind === 'enum' || kind === 'text'))
    return { factor: kind === 'enum' ? EXACT : LOSSY }
  return undefined
}

/** Words however they are joined, without what vendors put around them: `siteName`, `Site_Name__c`, `site.name`. */
function nameScore(ours: string, theirs: string | undefined): number {
  if (theirs === undefined) return 0
  const [a, b] = [wordsOf(ours), wordsOf(theirs)]
  return Math.max(alike(a, b), alike(singular(a), singular(b)))
}

function wordsOf(name: string): string {
  return name
    .replace(/__[cr]$/, '')
    .replace(/([\p{Ll}\d])(\p{Lu})/gu, '$1 $2')
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .toLowerCase()
    .trim()
}

function singular(words: string): string {
  return words.replaceAll(/ies\b/g, 'y').replaceAll(/s\b/g, '')
}

function round(score: number): number {
  return Math.round(score * 100) / 100
}

/** As it is pasted into a mapping file: what is already mapped as the lines of `fields`, what is not as a mapping. */
export function asYaml(proposals: readonly MappingProposal[]): string {
  return proposals.map((one) => (one.isMapped ? addition(one) : whole(one)).join('\n')).join('\n')
}

function addition({ collection, type, fields }: MappingProposal): string[] {
  return [
    `# mapping ${collection} ↔ ${type}: add to its fields`,
    ...fields.map((field) => line(field, '      ')),
  ]
}

function whole({ collection, type, score, fields }: MappingProposal): string[] {
  return [
    `  - collection: ${key(collection)} # ${score.toFixed(2)}`,
    `    type: ${key(type)}`,
    '    fields:',
    ...fields.map((field) => line(field, '      ')),
  ]
}

function line({ field, external, kind, scale, direction, score }: ProposedField, indent: string): string {
  const settings = [
    `field: ${key(external)}`,
    ...(kind ? [`kind: ${kind}`] : []),
    ...(scale === undefined ? [] : [`scale: ${scale}`]),
    ...(direction ? [`direction: ${direction}`] : []),
  ]
  const value = settings.length === 1 ? key(external) : `{ ${settings.join(', ')} }`
  return `${indent}${key(field)}: ${value} # ${score.toFixed(2)}`
}

/** Quoted where YAML would read something else. */
function key(name: string): string {
  return /^[A-Za-z_][\w.-]*$/.test(name) && !/^(?:true|false|null|yes|no|on|off|y|n)$/i.test(name)
    ? name
    : JSON.stringify(name)
}
