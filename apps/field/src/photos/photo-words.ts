/** How a photo stands, in words. */
import type { BlobReason, BlobState } from '@skerry/blobs'
import type { Words } from '../words/en.ts'

/** @param isShown some picture of it is seen, if only the small one */
export function photoWords(state: BlobState, words: Words, isShown: boolean): string {
  const said = words.photos.state
  switch (state.kind) {
    case 'here':
      return state.waitsFor === undefined ? said.here : withWhy(said.here, state.waitsFor, words)
    case 'blocked':
      return withWhy(said.here, state.why, words)
    case 'uploading':
      return said.uploading(Math.round((100 * state.bytes) / Math.max(1, state.of)))
    case 'at-hub':
      return said['at-hub']
    case 'missing':
      // Why it was missed once may be over: nobody asks for the photo itself while its small picture is enough.
      return isShown ? said['only-small'] : withWhy(said.missing, state.why, words)
    case 'refused':
      return withWhy(said.refused, state.why, words)
  }
}

function withWhy(said: string, { code }: BlobReason, words: Words): string {
  return `${said}. ${words.photos.why[code] ?? words.photos.whyOther}`
}

/** What the machine says of it. */
export function reasonIn(state: BlobState): BlobReason | undefined {
  if (state.kind === 'here') return state.waitsFor
  return 'why' in state ? state.why : undefined
}
