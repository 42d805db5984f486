import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { scratchFile } from './scratch.ts'

const app = new URL('..', import.meta.url).pathname
const readme = readFileSync(`${app}README.md`, 'utf8')

function blocks(language: string): string[] {
  const found = [...readme.matchAll(/```(\w+)\n(.*?)```/gs)].filter((match) => match[1] === language)
  return found.map((match) => match[2] ?? '')
}

test('the programs of the README run', async () => {
  expect(blocks('js').length).toBe(1)
  for (const source of blocks('js')) {
    const ended = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', source], {
      cwd: app,
    })
    expect(ended).toEqual({ stdout: '', stderr: '' })
  }
})

test('the command of the README starts the sandbox (on free ports, with a file of the test)', async () => {
  const [command = ''] = blocks('sh')
  const free = command.replace(/4010|4011/g, '0').replace('crm.db', scratchFile('crm.db'))
  const [, ...options] = free.trim().split(' ')
  const child = spawn(process.execPath, options, { cwd: `${app}../..`, stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [line] = await once(createInterface(child.stdout), 'line')
  expect(JSON.parse(line)).toMatchObject({ ready: true })
})
