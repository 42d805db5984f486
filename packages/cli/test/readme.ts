/** Code blocks of the README, and running them. */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))

export function block(language: string, nth = 0): string {
  return [...readme.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 'gs'))][nth]?.[1] ?? ''
}

export function runShell(lines: string, cwd: string, env: Record<string, string> = {}) {
  const script = `set -e\nskerry() { "${process.execPath}" "${main}" "$@"; }\n${lines}`
  return promisify(execFile)('bash', ['-c', script], {
    cwd,
    env: { ...process.env, ...env, NO_COLOR: '1' },
    timeout: 25_000,
  })
}
