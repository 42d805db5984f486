/** A disk before which commits wait while it is closed. */
export function gate() {
  let passing: Promise<void> | undefined
  let open: () => void = () => undefined
  let arrived: () => void = () => undefined
  return {
    pass: () => {
      arrived()
      return passing
    },
    /** Resolves when a commit waits. */
    close: () => {
      passing = new Promise((resolve) => {
        open = resolve
      })
      return new Promise<void>((resolve) => {
        arrived = resolve
      })
    },
    open: () => {
      passing = undefined
      open()
    },
  }
}
