/** Authors by the hash of their credential (PR-12): in memory only, the one used longest ago leaving first. */
import { type Credential, grants } from '../identity/credential.ts'
import { AUTHORS_MAX } from './limits.ts'

export interface Author {
  credential: Credential
  node: string
}

/** PR-9: whether the holder may be present in the channel, and hear who is. */
export function mayRead({ role, read }: Credential, channel: string): boolean {
  return role === 'authority' || grants(read, channel)
}

export class Authors {
  readonly #byHash = new Map<string, Author>()

  get(hash: string): Author | undefined {
    const author = this.#byHash.get(hash)
    if (author === undefined) return undefined
    this.#byHash.delete(hash)
    this.#byHash.set(hash, author)
    return author
  }

  keep(author: Author): void {
    const { hash } = author.credential
    this.#byHash.delete(hash)
    this.#byHash.set(hash, author)
    if (this.#byHash.size > AUTHORS_MAX) this.#byHash.delete(this.#byHash.keys().next().value!)
  }
}
