/** In the page: what its test in Node may call (`BrowserPage.call`). Arguments and results are what JSON can carry, and undefined. */

// The parameters are whatever the caller sends.
type Callable = (...args: never[]) => unknown

export function exposed(functions: Readonly<Record<string, Callable>>): void {
  const page = globalThis as unknown as { skerryExposed?: Record<string, Callable> }
  page.skerryExposed = { ...page.skerryExposed, ...functions }
}
