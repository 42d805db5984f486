/** A package's manifest as it is published: what points to TypeScript in the workspace points to JavaScript, and packages of the workspace are asked for by version. */

export interface Manifest {
  name: string
  version: string
  private?: boolean
  exports?: Readonly<Record<string, string | Readonly<Record<string, string>>>>
  bin?: Readonly<Record<string, string>>
  files?: readonly string[]
  engines?: Readonly<Record<string, string>>
  dependencies?: Readonly<Record<string, string>>
  peerDependencies?: Readonly<Record<string, string>>
  devDependencies?: Readonly<Record<string, string>>
}

/** What a package is built from, and what it is built into. */
export const SOURCE_FOLDER = 'src'
export const BUILT_FOLDER = 'dist'

/** The runtime that packages are made for: the workspace's own. */
const NODE_RANGE = '>=24'

/** @throws Error for an export that is no source file, or a package that the workspace has not */
export function publishedManifest(manifest: Manifest, versions: ReadonlyMap<string, string>): Manifest {
  const { exports, bin, devDependencies: _only, ...rest } = manifest
  return {
    ...rest,
    engines: { node: NODE_RANGE },
    files: [BUILT_FOLDER, ...(manifest.files ?? [])],
    ...(exports && { exports: mapValues(exports, (target) => builtExport(manifest.name, target)) }),
    ...(bin && { bin: mapValues(bin, (file) => builtFile(manifest.name, file, '.js')) }),
    ...(manifest.dependencies && { dependencies: withVersions(manifest.dependencies, versions) }),
    ...(manifest.peerDependencies && {
      peerDependencies: withVersions(manifest.peerDependencies, versions),
    }),
  }
}

function builtExport(name: string, target: string | Readonly<Record<string, string>>) {
  const source = typeof target === 'string' ? target : target.default
  if (source === undefined) throw new Error(`${name}: an export has no default: ${JSON.stringify(target)}`)
  return { types: builtFile(name, source, '.d.ts'), default: builtFile(name, source, '.js') }
}

/** `./src/index.ts` as `./dist/index.js`. */
function builtFile(name: string, source: string, extension: '.js' | '.d.ts'): string {
  const inside = new RegExp(`^\\./${SOURCE_FOLDER}/(.+)\\.tsx?$`).exec(source)?.[1]
  if (inside === undefined)
    throw new Error(`${name}: ${source} is not a TypeScript file below ./${SOURCE_FOLDER}`)
  return `./${BUILT_FOLDER}/${inside}${extension}`
}

function withVersions(
  dependencies: Readonly<Record<string, string>>,
  versions: ReadonlyMap<string, string>,
): Record<string, string> {
  return mapValues(dependencies, (range, name) => {
    if (!range.startsWith('workspace:')) return range
    const version = versions.get(name)
    if (version === undefined)
      throw new Error(`${name} is asked for as ${range}, and is not in the workspace`)
    return version
  })
}

function mapValues<Value, Mapped>(
  values: Readonly<Record<string, Value>>,
  map: (value: Value, key: string) => Mapped,
): Record<string, Mapped> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, map(value, key)]))
}
