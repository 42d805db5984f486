/** Keeps the page itself in the browser, so that it opens without a network. Records are kept elsewhere, in IndexedDB. */
export async function keepPage(): Promise<void> {
  const { serviceWorker } = navigator
  // An old browser, or a page that came by plain HTTP from another machine.
  if (serviceWorker === undefined) return
  // A newer build takes over at once; records are saved before the reload, a title that was not added yet is not.
  const isReplaced = serviceWorker.controller !== null
  if (isReplaced) serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true })
  await serviceWorker.register('/sw.js')
}
