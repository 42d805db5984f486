/** Nothing of anybody's is written over: an app goes into a folder that is not there, or is empty. */
import { readdirSync } from 'node:fs'
import { CreateError } from './create-error.ts'

/** Names that a refusal lists. */
const NAMES_TOLD_MAX = 3

/** @throws CreateError `folder` */
export function checkFolder(path: string): void {
  const found = namesIn(path)
  if (found.length === 0) return
  if (found.includes('skerry.config.ts') && !found.includes('node_modules'))
    throw new CreateError(
      'folder',
      `${path} has an app already whose packages are not installed: run npm install there. Nothing was changed`,
    )
  const told = found.slice(0, NAMES_TOLD_MAX).join(', ')
  const more = found.length > NAMES_TOLD_MAX ? ` and ${found.length - NAMES_TOLD_MAX} more` : ''
  throw new CreateError(
    'folder',
    `${path} is not empty (${told}${more}); name a new folder, or empty this one. Nothing was changed`,
  )
}

function namesIn(path: string): string[] {
  try {
    return readdirSync(path)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return []
    if (code === 'ENOTDIR') throw new CreateError('folder', `${path} is a file; name a new folder`)
    throw new CreateError('folder', `${path} cannot be looked into: ${message}`, { cause: error })
  }
}
