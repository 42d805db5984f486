/**
 * Builds the app, once for each state of its sources: `dist/<hash>` is whole or not there, so whoever serves one build is not disturbed by the next. Two processes that want the same one at
 * once: the second waits.
 */
import { spawn } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import { sourcesHash } from './sources.ts'

const app = join(import.meta.dirname, '../..')
const dist = join(app, 'dist')

/** Builds kept: that of a running demo, that of the tests, and their other versions. */
const BUILDS_KEPT = 6
/** Milliseconds between two looks whether another process has built it. */
const LOOK_MS = 200

export interface BuildOptions {
  /** Number of the build, instead of the time: tests make a newer one of the same sources. */
  build?: number
  told?: (line: string) => void
}

/** The folder of the built app. @throws with what the bundler said */
export async function buildApp({ build, told = () => undefined }: BuildOptions = {}): Promise<string> {
  const name = build === undefined ? sourcesHash() : `${sourcesHash()}-${build}`
  const folder = join(dist, name)
  mkdirSync(dist, { recursive: true })
  for (;;) {
    if (existsSync(folder)) return folder
    if (takeTurn(`${folder}.building`)) break
    await after(LOOK_MS)
  }
  try {
    if (!existsSync(folder)) {
      told('the app is being built, once for this state of its sources')
      const made = `${folder}.part`
      rmSync(made, { recursive: true, force: true })
      await runVite(made, build)
      renameSync(made, folder)
      dropOld()
    }
  } finally {
    rmSync(`${folder}.part`, { recursive: true, force: true })
    rmSync(`${folder}.building`, { force: true })
  }
  return folder
}

/** A file with the id of the process that builds. One of a process that is no more is taken over. */
function takeTurn(file: string): boolean {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  if (isAlive(readPid(file))) return false
  rmSync(file, { force: true })
  return takeTurn(file)
}

/** 0 where it is gone, or being written. */
function readPid(file: string): number {
  try {
    return Number(readFileSync(file, 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0
    throw error
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
    throw error
  }
}

function runVite(outDir: string, build: number | undefined): Promise<void> {
  const vite = join(dirname(createRequire(import.meta.url).resolve('vite/package.json')), 'bin/vite.js')
  const env = {
    ...process.env,
    NODE_ENV: 'production',
    SKERRY_APP_OUT: outDir,
    ...(build !== undefined && { SKERRY_APP_BUILD: String(build) }),
  }
  const child = spawn(process.execPath, [vite, 'build', '--logLevel', 'warn'], {
    cwd: app,
    env,
    stdio: 'pipe',
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => (said += text))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => {
      if (code === 0) resolve()
      else reject(new Error(`vite build ended with ${code}:\n${said}`))
    })
  })
}

function dropOld(): void {
  const builds = readdirSync(dist)
    .filter((name) => !name.includes('.'))
    .map((name) => ({ path: join(dist, name), age: statSync(join(dist, name)).mtimeMs }))
    .sort((a, b) => b.age - a.age)
  for (const { path } of builds.slice(BUILDS_KEPT)) rmSync(path, { recursive: true, force: true })
}
