/** Signing in: the code of a link that `npm start` or `npx skerry enrol` made becomes a credential for this device. */
import { fromHex } from '@skerry/core'
import { enrolDevice } from '@skerry/credentials'
import type { LiveReplica } from '@skerry/live'

/** Takes the link that this window was opened at, and each that is pasted into it later: such a one changes the hash and loads nothing. The result ends it. */
export function signInByLinks(replica: LiveReplica, told: (refusal: string | undefined) => void): () => void {
  function look() {
    const code = codeOfLink()
    if (code === undefined) return
    told(undefined)
    signIn(replica, code).catch((error: Error) => told(error.message))
  }
  look()
  addEventListener('hashchange', look)
  return () => removeEventListener('hashchange', look)
}

/** It is used once: a reload does not try it again. */
function codeOfLink(): string | undefined {
  const code = new URLSearchParams(location.hash.slice(1)).get('enrol')
  if (code === null) return undefined
  history.replaceState(null, '', location.pathname)
  return code
}

/** @throws EnrolmentError, LiveError with words for people */
async function signIn(replica: LiveReplica, code: string): Promise<void> {
  const { publicKey } = await replica.identity
  const { token } = await enrolDevice({ hub: location.origin }, { code, publicKey: fromHex(publicKey) })
  await replica.setCredential(token)
  replica.wake()
}
