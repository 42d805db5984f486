/** What the bundler knows: files by the place they get, and constants of the build. */
declare module '*?url' {
  const url: string
  export default url
}

interface ImportMeta {
  readonly env: { readonly VITE_HUB: string }
}
