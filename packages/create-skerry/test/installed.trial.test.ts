/** The story as it is for somebody outside: packages as they are published, npm, an empty folder. It wants the registry: `npm run trial`. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { whereThereIsChromium } from '@skerry/browser-test'
import { expect, test } from 'vitest'
import { EmptyFolder } from './empty-folder.test-support.ts'
import { playStory } from './story.test-support.ts'

/** Milliseconds: packing, installing some hundred packages, and the story. */
const TRIAL_MS_MAX = 600_000

const root = join(import.meta.dirname, '../../..')

await whereThereIsChromium(() => {
  test(
    'from an empty folder, with packages as they are published',
    async () => {
      using folder = new EmptyFolder()
      const run = (program: string, ...words: readonly string[]) => {
        const { status, stdout, stderr } = spawnSync(program, words, { cwd: folder.path, encoding: 'utf8' })
        expect(status, `${program} ${words.join(' ')}\n${stdout}${stderr}`).toBe(0)
      }
      const packed = join(folder.path, 'packed')
      run(process.execPath, join(root, 'test/release/src/main.ts'), packed)
      const tool = join(packed, 'create-skerry-0.1.0.tgz')
      const made = ['create-skerry', 'my-app', '--packages', packed]
      run('npm', 'exec', '--yes', `--package=${tool}`, '--', ...made, '--collection', 'site_visits')
      const app = join(folder.path, 'my-app')
      run(process.execPath, join(app, 'node_modules/typescript/bin/tsc'), '-p', app)
      await playStory(app)
    },
    TRIAL_MS_MAX,
  )
})
