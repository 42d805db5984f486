/** Ways to sign in that lie behind in the browser's history: once one of them was gone, Back must not lead through the others to a form that asks for a code again. */

const KEY = 'field.sign-ins'

/** In this window, also where its page began anew meanwhile. */
function signIns(): number {
  return Number(sessionStorage.getItem(KEY) ?? 0)
}

/** Whatever was shown before is spent. */
export function noteSignIn(): void {
  sessionStorage.setItem(KEY, String(signIns() + 1))
}

/** Whether somebody signed in since the entry of the browser's history that is shown was shown first: the entry itself remembers when that was. */
export function isSpentWay(): boolean {
  const shownAt = (history.state as { signIns?: number } | null)?.signIns
  if (shownAt === undefined) history.replaceState({ signIns: signIns() }, '')
  return shownAt !== undefined && shownAt < signIns()
}
