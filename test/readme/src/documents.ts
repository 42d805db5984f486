/** The Markdown files of the workspace and the code in them. What is found here has to run, whoever wrote it and wherever it stands. */
import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

export const root = join(import.meta.dirname, '../../..')

export interface Block {
  /** `packages/ws/README.md:6`: the line at which its code begins. */
  at: string
  /** What stands behind the opening fence; '' for a picture. */
  language: string
  code: string
  /** The file that this is a part of, where its first line says so: `// test/x/src/y.ts`. */
  partOf?: string
  /** Folder of the package that the document belongs to, relative to the root; '.' for documents of the root, and `docs` for those in there. */
  package: string
}

const documents = globSync('{*,docs/*,{packages,apps,test}/*/**/*}.md', {
  cwd: root,
  exclude: (name) => name.split('/').includes('node_modules'),
}).sort()

export const blocks: readonly Block[] = documents.flatMap((path) => {
  const text = read(path)
  return Array.from(
    text.matchAll(/^ *```(\w*)\n(.*?)^ *```$/gms),
    ({ index, 1: language = '', 2: block = '' }) => {
      const [, partOf, rest] = /^\/\/ (\w+\/\S+\.tsx?)\n(.*)$/s.exec(block) ?? []
      return {
        at: `${path}:${text.slice(0, index).split('\n').length + 1}`,
        language,
        code: rest ?? block,
        ...(partOf !== undefined && { partOf }),
        package: /^\w+\/[\w-]+(?=\/)/.exec(path)?.[0] ?? dirname(path),
      }
    },
  )
})

/** Text between single backquotes, as in `npm test`. */
export const inlineCode: readonly { at: string; code: string }[] = documents.flatMap((path) =>
  Array.from(read(path).matchAll(/`([^`\n]+)`/g), ([, code = '']) => ({ at: path, code })),
)

export function read(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}
