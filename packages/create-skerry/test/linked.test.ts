/** The story with the workspace's own packages, without a registry: what the app asks for is linked into it. */
import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { whereThereIsChromium } from '@skerry/browser-test'
import { expect, test } from 'vitest'
import { EmptyFolder } from './empty-folder.test-support.ts'
import { playStory } from './story.test-support.ts'

/** Milliseconds: two builds and two starts on a loaded machine. */
const STORY_MS_MAX = 240_000

await whereThereIsChromium(() => {
  test(
    'a new app is started, written in two windows, and goes on without its hub',
    async () => {
      using folder = new EmptyFolder()
      expect(folder.create('my-app', '--no-install').said).toBe('')
      const app = join(folder.path, 'my-app')
      symlinkSync(join(import.meta.dirname, '../node_modules'), join(app, 'node_modules'))
      await playStory(app)
    },
    STORY_MS_MAX,
  )
})
