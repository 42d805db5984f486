/** Which names an app and its collection may have. */
import { CreateError } from './create-error.ts'

/** It becomes the name of an npm package, of a database and of a space. */
const APP_NAME = /^[a-z][a-z0-9._-]*$/
/** Characters; npm allows 214, a host name 63. */
const APP_NAME_LENGTH_MAX = 63

/** As `collection` of @skerry/core asks for. */
const COLLECTION_NAME = /^[a-z][a-z0-9_]{0,62}$/

/** The collection is a constant in the app: no word of the language, and none that the files where it stands use. */
const TAKEN: ReadonlySet<string> = new Set([
  ...['arguments', 'await', 'break', 'case', 'catch', 'class', 'const', 'continue', 'debugger', 'default'],
  ...[
    'delete',
    'do',
    'else',
    'enum',
    'eval',
    'export',
    'extends',
    'false',
    'finally',
    'for',
    'function',
    'if',
  ],
  ...['implements', 'import', 'in', 'instanceof', 'interface', 'let', 'new', 'null', 'package', 'private'],
  ...['protected', 'public', 'return', 'static', 'super', 'switch', 'this', 'throw', 'true', 'try', 'typeof'],
  ...['undefined', 'var', 'void', 'while', 'with', 'yield'],
  ...['collection', 'collections', 'schema', 'text', 'z', 'all', 'change', 'create', 'error', 'id', 'record'],
  ...['records', 'remove', 'state', 'add', 'checked', 'draft', 'event', 'refused', 'title', 'value', 'words'],
])

/** The collection is a property of the app's replicas: none that every replica of @skerry/core has itself, which opening it would refuse. */
const OF_REPLICAS: ReadonlySet<string> = new Set([
  ...['aside', 'close', 'collection', 'collections', 'constructor', 'credential', 'follower', 'head'],
  ...['leases', 'node', 'presence', 'proof', 'proofs', 'quarantined', 'reapply', 'release', 'revoke'],
  ...['rows', 'session', 'space', 'stats', 'table', 'transact', 'unanswered', 'unverified', 'upkeep'],
])

/** @throws CreateError `usage` */
export function checkAppName(name: string): void {
  if (APP_NAME.test(name) && name.length <= APP_NAME_LENGTH_MAX && name !== 'node_modules') return
  throw new CreateError(
    'usage',
    `'${name}' cannot be the app's name: lower-case letters, digits, '-', '.' and '_', a letter first, at most ${APP_NAME_LENGTH_MAX}`,
  )
}

/** @throws CreateError `usage` */
export function checkCollectionName(name: string): void {
  if (!COLLECTION_NAME.test(name))
    throw new CreateError(
      'usage',
      `--collection '${name}': lower-case letters, digits and '_', a letter first, at most 63; for example site_visits`,
    )
  if (TAKEN.has(name))
    throw new CreateError(
      'usage',
      `--collection '${name}': the app's code uses this word itself; take another one`,
    )
  if (OF_REPLICAS.has(name))
    throw new CreateError(
      'usage',
      `--collection '${name}': every replica has a property of this name itself; take another one`,
    )
}
