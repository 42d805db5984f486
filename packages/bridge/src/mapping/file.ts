/**
 * Mappings as a YAML or JSON file (which is YAML too): what is wrong is said with file, line and column. Reading the file is the caller's (`loadMappings` of @skerry/cli); here is only
 * its text.
 */
import { type Document, isMap, isScalar, isSeq, LineCounter, type Pair, parseDocument } from 'yaml'
import * as z from 'zod'
import { BridgeError } from '../bridge-error.ts'
import { type ConfigIssue, issuesOf } from '../config-issue.ts'
import { MAPPING_FILE_LENGTH_MAX } from '../limits.ts'
import { type MappingConfig, mappingFileSchema } from '../mapping-config.ts'

/** Places where one value of the file may stand again: a few for what many mappings share. More, and a small file could become a huge one. */
const ALIASES_MAX = 100

export class MappingFile {
  readonly file: string
  readonly mappings: readonly MappingConfig[]
  readonly #places: Places

  /** For `parseMappings`. */
  constructor(file: string, mappings: readonly MappingConfig[], places: Places) {
    this.file = file
    this.mappings = mappings
    this.#places = places
  }

  /** `crm.mapping.yaml:12:5`. @param issue its path begins at the file's top */
  at(issue: ConfigIssue): string {
    return this.#places.of(issue)
  }
}

/** @param file names it in messages @throws BridgeError bridge-config, one line for each thing that is wrong */
export function parseMappings(text: string, file: string): MappingFile {
  if (text.length > MAPPING_FILE_LENGTH_MAX)
    throw new BridgeError(
      'bridge-config',
      `${file}: it has ${text.length} letters, limit ${MAPPING_FILE_LENGTH_MAX}`,
    )
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const places = new Places(file, document, lines)
  refuse(document.errors.map(({ message, pos: [at] }) => `${places.line(at)}: ${message}`))
  const value = contentOf(document, file)
  const result = mappingFileSchema.safeParse(value)
  if (result.success) return new MappingFile(file, result.data.mappings as MappingConfig[], places)
  refuse(
    issuesOf(mappingFileSchema, value, result.error).map((issue) => `${places.of(issue)}: ${issue.message}`),
  )
  throw new BridgeError('bridge-config', `${file}: ${result.error.message}`)
}

/** The form of the file as a JSON Schema, for editors. */
export function mappingFileJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(mappingFileSchema) as Record<string, unknown>
}

function contentOf(document: Document.Parsed, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: ALIASES_MAX })
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new BridgeError('bridge-config', `${file}: ${reason}`, { cause })
  }
}

function refuse(lines: readonly string[]): void {
  if (lines.length > 0) throw new BridgeError('bridge-config', lines.join('\n'))
}

/** Where a path of the configuration stands in the text. */
class Places {
  readonly #file: string
  readonly #document: Document.Parsed
  readonly #lines: LineCounter

  constructor(file: string, document: Document.Parsed, lines: LineCounter) {
    this.#file = file
    this.#document = document
    this.#lines = lines
  }

  line(offset: number): string {
    const { line, col } = this.#lines.linePos(offset)
    return `${this.#file}:${line}:${col}`
  }

  /** What is missing is told where it should be: at what would hold it. */
  of({ path, onKey = false }: ConfigIssue): string {
    let node: unknown = this.#document.contents
    let offset = startOf(node) ?? 0
    for (const [i, step] of path.entries()) {
      const pair = isMap(node) ? pairOf(node.items, step) : undefined
      node = pair ? pair.value : isSeq(node) ? node.items[Number(step)] : undefined
      const isLast = i === path.length - 1
      const found = isLast && onKey && pair ? startOf(pair.key) : (startOf(node) ?? startOf(pair?.key))
      if (found === undefined) break
      offset = found
    }
    return this.line(offset)
  }
}

function pairOf(pairs: readonly Pair[], step: PropertyKey): Pair | undefined {
  return pairs.find(({ key }) => String(isScalar(key) ? key.value : key) === String(step))
}

function startOf(node: unknown): number | undefined {
  const { range } = (node ?? {}) as { range?: readonly number[] | null }
  return range?.[0]
}
