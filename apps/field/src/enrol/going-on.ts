/** A sign-in that goes on in the page that begins anew: whoever pressed the button once need not press it again. */

const KEY = 'field.signs-in'

/** For this window alone. */
export function goOnWith(code: string): void {
  sessionStorage.setItem(KEY, code)
}

/** Whether this code was to go on; once. */
export function takeGoingOn(code: string): boolean {
  const isWanted = code !== '' && sessionStorage.getItem(KEY) === code
  if (isWanted) sessionStorage.removeItem(KEY)
  return isWanted
}
