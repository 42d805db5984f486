/**
 * What a browser promises of a transaction that has ended is up to who began it: `strict` is on disk, `relaxed`, the default, is with the operating system and lost with the power. Edits are measured
 * either way, so that like stands beside like: with this, every transaction of the page that writes is strict, whoever begins it.
 */

let isStrict = false

const { transaction } = IDBDatabase.prototype

IDBDatabase.prototype.transaction = function (this: IDBDatabase, names, mode, options) {
  const asked = isStrict && mode === 'readwrite' ? { ...options, durability: 'strict' as const } : options
  return transaction.call(this, names, mode, asked)
}

export function setStrict(strict: boolean): void {
  isStrict = strict
}
