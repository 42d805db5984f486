/** Credentials this replica has met, by hash, and which actor belongs to whom. Both are kept: history and carried entries need them after a restart. */
import { fromHex, toHex } from '../bytes/hex.ts'
import { decodeUtf8, encodeUtf8 } from '../bytes/utf8.ts'
import type { Credential } from '../identity/credential.ts'
import type { Store } from '../store/port.ts'
import type { ActorBook } from './admit.ts'
import { IDENTITY_TABLE } from './identity.ts'
import type { Turn } from './turn.ts'

const CREDENTIALS_TABLE = 'credentials'
const ACTORS_TABLE = 'actors'
/** Actors and credentials remembered in memory; beyond it the store is asked. */
const REMEMBERED_MAX = 10_000

interface Binding {
  publicKey: string
  credential: string
}

export class CredentialBook implements ActorBook {
  readonly #store: Store
  readonly #credentials = new Map<string, Credential>()
  readonly #actors = new Map<string, Binding>()

  constructor(store: Store) {
    this.#store = store
  }

  async byHash(hash: string): Promise<Credential | undefined> {
    const known = this.#credentials.get(hash)
    if (known) return known
    const value = await this.#store.get(CREDENTIALS_TABLE, hash)
    if (!value) return undefined
    const credential = decodeCredential(value)
    remember(this.#credentials, hash, credential)
    return credential
  }

  async keep(turn: Turn, credential: Credential): Promise<void> {
    turn.afterCommit(() => remember(this.#credentials, credential.hash, credential))
    if (!(await turn.get(CREDENTIALS_TABLE, credential.hash)))
      turn.put(CREDENTIALS_TABLE, credential.hash, encodeCredential(credential))
  }

  async keyOf(turn: Turn, actor: string): Promise<string | undefined> {
    const known = this.#actors.get(actor)
    if (known) return known.publicKey
    const value = await turn.get(ACTORS_TABLE, actor)
    return value && decodeBinding(value).publicKey
  }

  bind(turn: Turn, actor: string, author: Binding): void {
    turn.afterCommit(() => remember(this.#actors, actor, author))
    turn.put(ACTORS_TABLE, actor, encodeUtf8(JSON.stringify(author)))
  }

  /** Credential of whoever writes under this actor, as far as it is known. */
  async authorOf(actor: string): Promise<Credential | undefined> {
    const known = this.#actors.get(actor)
    if (known) return this.byHash(known.credential)
    const value = await this.#store.get(ACTORS_TABLE, actor)
    if (!value) return undefined
    const binding = decodeBinding(value)
    remember(this.#actors, actor, binding)
    return this.byHash(binding.credential)
  }
}

/** This replica's own credential, as the turns before this one have decided. */
export async function decidedCredential(turn: Turn): Promise<Credential | undefined> {
  const value = await turn.get(IDENTITY_TABLE, 'credential')
  return value && decodeCredential(value)
}

function decodeBinding(value: Uint8Array): Binding {
  return JSON.parse(decodeUtf8(value) ?? '{}') as Binding
}

function remember<T>(map: Map<string, T>, key: string, value: T): void {
  if (map.size >= REMEMBERED_MAX) map.delete(map.keys().next().value!)
  map.set(key, value)
}

export function encodeCredential(credential: Credential): Uint8Array {
  return encodeUtf8(JSON.stringify({ ...credential, publicKey: toHex(credential.publicKey) }))
}

export function decodeCredential(value: Uint8Array): Credential {
  const content = JSON.parse(decodeUtf8(value) ?? '{}') as Omit<Credential, 'publicKey'> & {
    publicKey: string
  }
  return { ...content, publicKey: fromHex(content.publicKey) }
}
