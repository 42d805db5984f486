/** Works through numbers, many at a time: writes that wait together share a commit. */

/** As many as a writer takes into one commit. */
const AT_ONCE = 512

/** Calls `work` for 0 … count − 1. */
export async function together(count: number, work: (number: number) => Promise<unknown>): Promise<void> {
  let next = 0
  const worker = async () => {
    while (next < count) {
      const number = next
      next += 1
      await work(number)
    }
  }
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, count) }, worker))
}
