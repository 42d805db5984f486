/** The page that was asked for before anybody had signed in: whoever signs in lands on it. */
import { hashOf, parseRoute, type Route } from '../route/route.ts'

const KEY = 'field.asked-for'

/** That one goes to in order to sign in, or by mistake. */
const ways: readonly Route['page'][] = ['enrol', 'settings', 'unknown']

/** For this window alone, also where its page begins anew meanwhile. */
export function noteAskedFor(route: Route): void {
  if (!ways.includes(route.page)) sessionStorage.setItem(KEY, hashOf(route))
}

/** Today where none was; once. */
export function takeAskedFor(): Route {
  const hash = sessionStorage.getItem(KEY) ?? ''
  sessionStorage.removeItem(KEY)
  return parseRoute(hash)
}
