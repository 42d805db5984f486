/**
 * Keys as SQLite keeps them. SQLite orders text by its UTF-8 bytes, which is the order of code points; the port orders keys by code
 * units, and a key may hold half a surrogate pair, which UTF-8 cannot carry. So every code unit from U+D7FF up is written as two
 * characters, U+D7FF and one of U+0020 to U+2820: order, prefixes and content survive, and nearly all keys stay as they are.
 */
const ESCAPE_UNIT = 0xd7ff
const ESCAPE = String.fromCharCode(ESCAPE_UNIT)
const FIRST_DIGIT = 0x20
const needsEscape = /[\ud7ff-\uffff]/

export function toKeyText(key: string): string {
  if (!needsEscape.test(key)) return key
  let text = ''
  for (let at = 0; at < key.length; at += 1) {
    const unit = key.charCodeAt(at)
    text += unit < ESCAPE_UNIT ? key[at] : ESCAPE + String.fromCharCode(unit - ESCAPE_UNIT + FIRST_DIGIT)
  }
  return text
}

export function fromKeyText(text: string): string {
  if (!text.includes(ESCAPE)) return text
  let key = ''
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at)
    if (unit !== ESCAPE_UNIT) key += text[at]
    else {
      at += 1
      key += String.fromCharCode(text.charCodeAt(at) - FIRST_DIGIT + ESCAPE_UNIT)
    }
  }
  return key
}

/** Above every key text that starts with `prefix` (itself a key text), below every other one that is above `prefix`. */
export function afterPrefix(prefix: string): string {
  return `${prefix}\u{10ffff}`
}
