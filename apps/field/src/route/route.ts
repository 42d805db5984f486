/**
 * The app's addresses. They stand behind `#`, so that any server of files serves them and a start without network needs no rule for them:
 *
 *   #/                    today; ?q= &status= &priority= &state= &sort=
 *   #/order/ID            #/order/ID/history
 *   #/new                 a work order that is found on the way
 *   #/outbox  #/decide  #/storage  #/settings  #/enrol
 *   #enrol=CODE           what an enrolment link or its QR code says
 */

export type Route =
  | { page: 'today'; search: URLSearchParams }
  | { page: 'order'; id: string }
  | { page: 'history'; id: string }
  | { page: 'enrol'; code: string }
  | { page: 'new' | 'outbox' | 'decide' | 'storage' | 'settings' | 'unknown' }

export const TODAY: Route = { page: 'today', search: new URLSearchParams() }

const ENROL_LINK = '#enrol='

export function parseRoute(hash: string): Route {
  if (hash.startsWith(ENROL_LINK)) return { page: 'enrol', code: decoded(hash.slice(ENROL_LINK.length)) }
  const [path = '', search = ''] = hash.replace(/^#/, '').split('?')
  const [page = '', id = '', below, ...more] = path.replace(/^\//, '').split('/')
  if (more.length > 0) return { page: 'unknown' }
  switch (page) {
    case '':
      return id === '' ? { page: 'today', search: new URLSearchParams(search) } : { page: 'unknown' }
    case 'order':
      if (id === '') return { page: 'unknown' }
      if (below === undefined) return { page: 'order', id: decoded(id) }
      return below === 'history' ? { page: 'history', id: decoded(id) } : { page: 'unknown' }
    case 'enrol':
      return { page: 'enrol', code: '' }
    case 'new':
    case 'outbox':
    case 'decide':
    case 'storage':
    case 'settings':
      return { page }
    default:
      return { page: 'unknown' }
  }
}

export function hashOf(route: Route): string {
  switch (route.page) {
    case 'today': {
      const search = route.search.toString()
      return search === '' ? '#/' : `#/?${search}`
    }
    case 'order':
      return `#/order/${encodeURIComponent(route.id)}`
    case 'history':
      return `#/order/${encodeURIComponent(route.id)}/history`
    case 'enrol':
      return route.code === '' ? '#/enrol' : `${ENROL_LINK}${encodeURIComponent(route.code)}`
    case 'unknown':
      return '#/'
    default:
      return `#/${route.page}`
  }
}

/** What somebody typed by hand may be no valid encoding: then it is meant as it stands. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
