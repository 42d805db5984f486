/** Files that the bundler gives a place, by that. */
declare module '*?url' {
  const url: string
  export default url
}
