/** What the bundler knows: files by the place they get. */
declare module '*?url' {
  const url: string
  export default url
}
