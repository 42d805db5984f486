/** Packages staged as they are published, and packed by npm. */
import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compilePackages } from './compile.ts'
import { BUILT_FOLDER, type Manifest, publishedManifest, SOURCE_FOLDER } from './manifest.ts'

/** Besides what is built and what the manifest's `files` name. */
const DOCUMENTS = ['README.md']

/** Resolves with the names of the tarballs in `folder`, which is emptied of older ones. @throws Error with what tsc or npm said */
export async function packAll(root: string, folder: string): Promise<string[]> {
  const stage = mkdtempSync(join(tmpdir(), 'skerry-packages-'))
  try {
    const emitted = join(stage, 'emitted')
    mkdirSync(emitted)
    compilePackages(root, emitted)
    const staged = stageAll(root, stage, emitted)
    mkdirSync(folder, { recursive: true })
    for (const old of tarballsIn(folder)) rmSync(join(folder, old))
    npmPack(staged, folder)
    return tarballsIn(folder)
  } finally {
    rmSync(stage, { recursive: true, force: true })
  }
}

function tarballsIn(folder: string): string[] {
  return readdirSync(folder).filter((name) => name.endsWith('.tgz'))
}

function stageAll(root: string, stage: string, emitted: string): string[] {
  const manifests = readdirSync(join(root, 'packages'))
    .filter((name) => existsSync(join(root, 'packages', name, 'package.json')))
    .map((name) => ({ name, manifest: readManifest(join(root, 'packages', name)) }))
    .filter(({ manifest }) => !manifest.private)
  const versions = new Map(manifests.map(({ manifest }) => [manifest.name, manifest.version]))
  return manifests.map(({ name, manifest }) => {
    const source = join(root, 'packages', name)
    const target = join(stage, name)
    mkdirSync(target)
    renameSync(join(emitted, name, SOURCE_FOLDER), join(target, BUILT_FOLDER))
    for (const file of [...DOCUMENTS, ...(manifest.files ?? [])])
      if (existsSync(join(source, file))) cpSync(join(source, file), join(target, file), { recursive: true })
    cpSync(join(root, 'LICENSE'), join(target, 'LICENSE'))
    const published = publishedManifest(manifest, versions)
    writeFileSync(join(target, 'package.json'), `${JSON.stringify(published, null, 2)}\n`)
    return target
  })
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
}

function npmPack(staged: readonly string[], folder: string): void {
  const args = ['pack', '--silent', '--pack-destination', folder, ...staged]
  const { status, stderr, stdout } = spawnSync('npm', args, { encoding: 'utf8', cwd: folder })
  if (status !== 0) throw new Error(`npm pack ended with ${status}:\n${stdout}${stderr}`)
}
