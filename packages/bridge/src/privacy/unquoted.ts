/** Errors of code that is given what is bridged as a hash: what they say may quote it, and would stand in dead letters, receipts, the audit log and what is reported (SPEC B-159). */
import { BridgeError } from '../bridge-error.ts'

/** @param what names the code, for example `mapping jobs ↔ cases: email.to` @throws BridgeError with the code of the one that was thrown, without its words */
export function unquoted<T>(what: string, run: () => T): T {
  try {
    return run()
  } catch (error) {
    // Without the cause: who reports errors may report that too.
    throw new BridgeError(
      error instanceof BridgeError ? error.code : 'mapping',
      `${what} failed; why is not told, because it may quote a value that is bridged as a hash alone: try it with the record's value, as a replica shows it`,
    )
  }
}
