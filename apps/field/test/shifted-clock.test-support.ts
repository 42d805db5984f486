/**
 * A build of the app on a device whose clock is wrong: the same files, each of which first moves the clock of its page or worker. A debugger could move a page's clock only, and the replica is
 * in a shared worker. The service worker's list has the hashes of the files as they are now.
 */
import { createHash } from 'node:crypto'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface ShiftedApp extends Disposable {
  folder: string
}

/** @param byMs how far the clock of the device is ahead */
export function shiftedApp(app: string, byMs: number): ShiftedApp {
  const folder = mkdtempSync(join(tmpdir(), 'skerry-shifted-'))
  cpSync(app, folder, { recursive: true })
  const worker = join(folder, 'sw.js')
  let list = readFileSync(worker, 'utf8')
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const path = join(folder, name)
    if (!name.endsWith('.js') || path === worker) continue
    const before = readFileSync(path)
    const after = Buffer.concat([Buffer.from(prelude(byMs)), before])
    writeFileSync(path, after)
    list = list.replaceAll(integrityOf(before), integrityOf(after))
  }
  writeFileSync(worker, prelude(byMs) + list)
  return { folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) }
}

function prelude(byMs: number): string {
  return `globalThis.skerryClock ??= (globalThis.Date = class extends Date {
    constructor(...given) { super(...(given.length === 0 ? [new.target.now()] : given)) }
    static now() { return super.now() + ${byMs} }
  });\n`
}

function integrityOf(bytes: Buffer): string {
  return `sha256-${createHash('sha256').update(bytes).digest('base64')}`
}
