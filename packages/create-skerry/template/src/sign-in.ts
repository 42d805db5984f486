/** Signing in: the code of a link that `npm start` or `npx skerry enrol` made becomes a credential for this device. */
import { fromHex } from '@skerry/core'
import { enrolDevice } from '@skerry/credentials'
import type { LiveReplica } from '@skerry/live'

/** Resolves at once without a code in the address. @throws EnrolmentError, LiveError with words for people */
export async function signIn(replica: LiveReplica): Promise<void> {
  const code = new URLSearchParams(location.hash.slice(1)).get('enrol')
  if (code === null) return
  // It is used once: a reload does not try it again.
  history.replaceState(null, '', location.pathname)
  const { publicKey } = await replica.identity
  const { token } = await enrolDevice({ hub: location.origin }, { code, publicKey: fromHex(publicKey) })
  await replica.setCredential(token)
  replica.wake()
}
