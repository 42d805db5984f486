/** Which credentials a reader must know to judge an entry: the one its signature cites, or all that a snapshot's parts cite. */
import { BytesError } from '../bytes/bytes-error.ts'
import { entryKinds } from '../store/port.ts'
import { credentialCited, decodeEntry, EntryError } from './entry.ts'
import { credentialsCitedIn } from './snapshot.ts'

const KIND_OFFSET = 1

/** Hex, each once. None of what cannot be read: whoever is told it will say so. */
export function credentialsCited(bytes: Uint8Array): readonly string[] {
  if (bytes[KIND_OFFSET] !== entryKinds.snapshot) {
    const cited = credentialCited(bytes)
    return cited === undefined ? [] : [cited]
  }
  try {
    return credentialsCitedIn(decodeEntry(bytes).body)
  } catch (error) {
    if (error instanceof BytesError || error instanceof EntryError) return []
    throw error
  }
}
