import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { expect, onTestFinished, test } from 'vitest'
import { scratchFile } from './scratch.ts'

const app = new URL('..', import.meta.url).pathname
const readme = readFileSync(`${app}README.md`, 'utf8')

test('the command of the README starts the sandbox (on free ports, with a file of the test)', async () => {
  const [, command = ''] = /```sh\n(.*?)```/s.exec(readme) ?? []
  const free = command.replace(/4010|4011/g, '0').replace('crm.db', scratchFile('crm.db'))
  const [, ...options] = free.trim().split(' ')
  const child = spawn(process.execPath, options, { cwd: `${app}../..`, stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [line] = await once(createInterface(child.stdout), 'line')
  expect(JSON.parse(line)).toMatchObject({ ready: true })
})
