/** From a command line to an app that can be started: asked, checked, written, installed. */
import { readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { checkFolder } from './folder.ts'
import { install } from './install.ts'
import { isTooOld } from './node-version.ts'
import { findPackages } from './packages.ts'
import { HELP, readRequest } from './request.ts'
import { writeApp } from './write-app.ts'

export interface Surroundings {
  /** Where the command was called. */
  folder: string
  /** That the app would be started with. */
  nodeVersion: string
  print(text: string): void
  /** Makes tarballs of the packages where the request names none, and resolves with their folder; called once nothing else is in the app's way. Absent: the registry has them. */
  packed?: (() => Promise<string>) | undefined
}

/** @throws CreateError */
export async function createApp(
  words: readonly string[],
  { folder, nodeVersion, print, packed }: Surroundings,
): Promise<void> {
  const request = readRequest(words, folder)
  if (request.wanted === 'help') return print(HELP)
  if (request.wanted === 'version') return print(version())
  const { app, name, collection } = request
  checkFolder(app)
  const tarballs = request.packages ?? (await packed?.())
  const packages = tarballs === undefined ? undefined : findPackages(tarballs)
  const ownNode = isTooOld(nodeVersion)
  writeApp({ app, name, collection, packages, ownNode })
  print(`${name}: an app with the collection '${collection}' is in ${app}`)
  if (ownNode) print(`this machine's Node is ${nodeVersion}: the app brings its own, a newer one`)
  if (request.install) await install(app)
  print(nextSteps(relative(folder, app), request.install))
}

function nextSteps(path: string, isInstalled: boolean): string {
  const steps = [...(path === '' ? [] : [`cd ${path}`]), ...(isInstalled ? [] : ['npm install']), 'npm start']
  return `\nNow: ${steps.join(' && ')}`
}

function version(): string {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  return (JSON.parse(manifest) as { version: string }).version
}
