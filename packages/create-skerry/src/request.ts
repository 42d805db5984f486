/** What is asked for, out of the command line's words. */
import { basename, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { CreateError } from './create-error.ts'
import { checkAppName, checkCollectionName } from './names.ts'

export const HELP = `Makes a small app of your own that works without a network: a hub, one collection, a list and a form.

  npm create skerry@latest <folder> -- [options]

  <folder>               a new one, or an empty one; its name is the app's
  --collection <name>    what its records are called; default: visits
  --no-install           does not run npm install
  --packages <folder>    takes the @skerry packages from tarballs in this folder, not from the registry
  --version
  --help

Nothing is asked. Then: cd <folder> && npm start`

const COLLECTION_DEFAULT = 'visits'

export type Request =
  | { wanted: 'help' }
  | { wanted: 'version' }
  | {
      wanted: 'app'
      /** Absolute. */
      app: string
      name: string
      collection: string
      packages: string | undefined
      install: boolean
    }

/** @throws CreateError `usage` */
export function readRequest(words: readonly string[], folder: string): Request {
  const { values, positionals } = parsed(words)
  if (values.help) return { wanted: 'help' }
  if (values.version) return { wanted: 'version' }
  const [path, ...more] = positionals
  if (path === undefined || path === '')
    throw new CreateError(
      'usage',
      'say where the app goes: npm create skerry@latest my-app (--help says more)',
    )
  if (more.length > 0)
    throw new CreateError('usage', `one folder is made at a time; '${more.join(' ')}' is too much`)
  const app = resolve(folder, path)
  const collection = values.collection ?? COLLECTION_DEFAULT
  checkAppName(basename(app))
  checkCollectionName(collection)
  return {
    wanted: 'app',
    app,
    name: basename(app),
    collection,
    packages: values.packages === undefined ? undefined : resolve(folder, values.packages),
    install: !values['no-install'],
  }
}

function parsed(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        collection: { type: 'string' },
        packages: { type: 'string' },
        'no-install': { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
        version: { type: 'boolean' },
      },
    })
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new CreateError('usage', `${why} (--help lists the options)`, { cause })
  }
}
