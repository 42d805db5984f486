/** Making files and their names durable: a rename lasts only when the directory was synced. */
import { closeSync, fsyncSync, openSync } from 'node:fs'

/** A file or a directory. Never one that SQLite has open in this process: closing a descriptor of it would drop its locks. */
export function syncPath(path: string): void {
  const file = openSync(path, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
