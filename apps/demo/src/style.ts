/** Colour for terminals, and none for anything else, or where NO_COLOR (https://no-color.org) asks for none. */
export interface Style {
  bold(text: string): string
  dim(text: string): string
  green(text: string): string
  red(text: string): string
}

export function styleFor(
  stream: { isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>>,
): Style {
  const colored = stream.isTTY === true && !env.NO_COLOR
  const paint = (code: number) => (text: string) => (colored ? `\u001b[${code}m${text}\u001b[0m` : text)
  return { bold: paint(1), dim: paint(2), green: paint(32), red: paint(31) }
}
