/**
 * Keeps one server: `node keeper.ts <json>`. It ends the server, and removes its folder, when its own stdin ends: so nothing outlives whoever started it, whether that ended in order, failed, or was
 * killed. What the server says passes through.
 */
import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import type { Keeping } from './kept.ts'
import { END_MS_MAX } from './limits.ts'

const { command, args, env, owner, endSignal, folder } = JSON.parse(process.argv[2]!) as Keeping
const server = spawn(command, args, {
  env: { ...process.env, ...env },
  stdio: ['ignore', 'inherit', 'inherit'],
  // A group of its own: Ctrl-C is for whoever started it, who ends it in order.
  detached: true,
  ...owner,
  ...(folder !== undefined && { cwd: folder }),
})

let isEnding = false
function end(): void {
  if (isEnding) return
  isEnding = true
  server.kill(endSignal)
  setTimeout(() => server.kill('SIGKILL'), END_MS_MAX).unref()
}

server.once('error', (error) => process.stderr.write(`${command}: ${error.message}\n`))
server.once('close', (code) => {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
  process.exit(isEnding ? 0 : (code ?? 1))
})
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end)
process.stdin.once('end', end).once('close', end).resume()
