/** What `skerry bridge check` does: a configuration held against the live system, and what could be mapped besides. Nothing is written, here or there (SPEC B-170 to B-175). */
import type { Collection } from '@skerry/core'
import type { Adapter, Failure } from '../adapter-port.ts'
import type { MappingFile } from '../mapping/file.ts'
import { makeMappings } from '../mapping.ts'
import type { MappingConfig } from '../mapping-config.ts'
import type { HashKey } from '../privacy/hash-key.ts'
import { checkMapping } from './check-mapping.ts'
import type { Finding } from './finding.ts'
import { type MappingProposal, proposeMappings } from './propose.ts'
import { readSchema } from './read-schema.ts'

export interface CheckOptions {
  collections: ReadonlyMap<string, Collection>
  adapter: Adapter
  mappings: readonly MappingConfig[] | MappingFile
  /** Default the adapter's. */
  name?: string | undefined
  /** Of hashed fields, as the bridge has it. */
  hashKey?: HashKey | undefined
  /** True: also types that no mapping names are asked for, which some systems answer slowly. Default false. */
  proposeTypes?: boolean | undefined
  signal?: AbortSignal | undefined
}

export interface BridgeCheck {
  /** Why the system would not answer; absent: it did. */
  failure?: Failure
  /** The adapter tells of no schema: fields could not be held against it. */
  isUndescribed: boolean
  findings: Finding[]
  proposals: MappingProposal[]
}

/** @throws BridgeError bridge-config for a configuration that is wrong by itself */
export async function checkBridge(options: CheckOptions): Promise<BridgeCheck> {
  const { adapter, collections, name = adapter.name, proposeTypes = false } = options
  const { signal = new AbortController().signal } = options
  // Nothing is hashed here: it counts that there is a key.
  const hash = options.hashKey === undefined ? undefined : () => ''
  const mappings = makeMappings(options.mappings, collections, name, hash)
  const nothing = { isUndescribed: false, findings: [], proposals: [] }
  const checked = await adapter.check({ signal })
  if (checked.kind !== 'ok' && checked.kind !== 'rejected') return { ...nothing, failure: checked }
  const types = [...new Set(mappings.map(({ type }) => type))]
  const schema = await readSchema(adapter, types, { signal })
  // What an adapter says against its own configuration stands beside what is said here of the mapping.
  const refused = checked.kind === 'rejected' ? { failure: checked } : {}
  if (!schema) return { ...nothing, ...refused, isUndescribed: true }
  if ('kind' in schema) return { ...nothing, failure: schema }
  const findings = mappings.flatMap((mapping) => checkMapping(mapping, mappings, schema))
  const more = proposeTypes ? await adapter.describe!(undefined, { signal }) : undefined
  if (more && more.kind !== 'types') return { isUndescribed: false, findings, proposals: [], failure: more }
  const all = new Map([...schema, ...(more?.types ?? []).map((type) => [type.type, type] as const)])
  return {
    ...refused,
    isUndescribed: false,
    findings,
    proposals: proposeMappings(collections.values(), mappings, all),
  }
}
