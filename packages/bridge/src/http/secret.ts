/**
 * What must not be told: given as it is (for tests), or by the name of an environment variable or file, so that it stands in no config. A file is read anew whenever the secret is
 * needed: whoever renews it writes the file, and nobody has to start again.
 */
import { readFileSync } from 'node:fs'
import { inspect } from 'node:util'
import * as z from 'zod'

const sourceSchema = z.union(
  [
    z.string().min(1),
    z.strictObject({ env: z.string().min(1) }),
    z.strictObject({ file: z.string().min(1) }),
  ],
  "want a text, { env: 'NAME' } or { file: 'path' }",
)

type Source = z.output<typeof sourceSchema>

/** Shows itself to nobody: not as text, not as JSON, not in an inspection. */
export class Secret {
  readonly #source: Source

  constructor(source: Source) {
    this.#source = source
  }

  /** Where it can be kept, if it has another value one day. */
  get file(): string | undefined {
    return typeof this.#source === 'object' && 'file' in this.#source ? this.#source.file : undefined
  }

  /** @throws Error that says where it was looked for */
  get value(): string {
    const source = this.#source
    if (typeof source === 'string') return source
    if ('env' in source) return wanted(process.env[source.env], `environment variable ${source.env}`)
    return wanted(readFileSync(source.file, 'utf8').trim(), `file ${source.file}`)
  }

  /** Undefined where it is not to be had now. */
  get known(): string | undefined {
    try {
      return this.value
    } catch {
      return undefined
    }
  }

  toString(): string {
    return '(secret)'
  }

  toJSON(): string {
    return '(secret)'
  }

  [inspect.custom](): string {
    return '(secret)'
  }
}

/** Looked for once when the config is read, so that what is missing is an error of the config, and not of the first call. */
export const secretSchema = sourceSchema.transform((source, context) => {
  const secret = new Secret(source)
  try {
    void secret.value
  } catch (error) {
    context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) })
  }
  return secret
})

function wanted(text: string | undefined, where: string): string {
  if (text) return text
  throw new Error(`${where} is not set or empty`)
}
