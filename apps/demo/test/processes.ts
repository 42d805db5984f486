/** Processes of this machine that have to do with a folder. */
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'

/** Command lines of those that name it, or were given it in their environment. */
export function processesOf(folder: string): string[] {
  // Slim images of Linux have no ps; where there is no /proc, command lines must do.
  if (!existsSync('/proc/self/cmdline'))
    return execFileSync('ps', ['-A', '-o', 'args'], { encoding: 'utf8' })
      .split('\n')
      .filter((line) => line.includes(folder))
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => textOf(pid, 'cmdline').includes(folder) || textOf(pid, 'environ').includes(folder))
    .map((pid) => textOf(pid, 'cmdline'))
}

function textOf(pid: string, file: 'cmdline' | 'environ'): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8').replaceAll('\0', ' ')
  } catch {
    return '' // it ended while the folder was read, or is somebody else's
  }
}
