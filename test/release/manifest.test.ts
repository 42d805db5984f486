/** What a package says of itself once it is published. */
import { expect, test } from 'vitest'
import { publishedManifest } from './src/manifest.ts'

const versions = new Map([['@skerry/core', '0.3.0']])

test('exports, commands and dependencies are those of what is built', () => {
  const published = publishedManifest(
    {
      name: '@skerry/some',
      version: '0.3.0',
      files: ['template'],
      exports: {
        '.': './src/index.ts',
        './view': { types: './src/view.tsx', default: './src/view.tsx' },
      },
      bin: { some: './src/main.ts' },
      dependencies: { '@skerry/core': 'workspace:*', zod: '4.6.7' },
      peerDependencies: { '@skerry/core': 'workspace:*', react: '>=19' },
      devDependencies: { vite: '8.3.8' },
    },
    versions,
  )
  expect(published).toEqual({
    name: '@skerry/some',
    version: '0.3.0',
    engines: { node: '>=24' },
    files: ['dist', 'template'],
    exports: {
      '.': { types: './dist/index.d.ts', default: './dist/index.js' },
      './view': { types: './dist/view.d.ts', default: './dist/view.js' },
    },
    bin: { some: './dist/main.js' },
    dependencies: { '@skerry/core': '0.3.0', zod: '4.6.7' },
    peerDependencies: { '@skerry/core': '0.3.0', react: '>=19' },
  })
})

test('what cannot be built or had is refused by name', () => {
  const manifest = { name: '@skerry/some', version: '0.3.0' }
  expect(() => publishedManifest({ ...manifest, exports: { '.': './index.json' } }, versions)).toThrow(
    '@skerry/some: ./index.json is not a TypeScript file below ./src',
  )
  const dependencies = { '@skerry/gone': 'workspace:*' }
  expect(() => publishedManifest({ ...manifest, dependencies }, versions)).toThrow(
    '@skerry/gone is asked for as workspace:*, and is not in the workspace',
  )
})
