/** Where a page gets its pipe to the server from; one for each mode. */
import type { Hello } from './messages.ts'
import type { Channel } from './world.ts'

export interface PipeSource {
  /** A new pipe, on which hello was said. To be called again whenever that came to nothing, or its server is dead. */
  open(hello: Hello, heard: (data: unknown) => void): Channel
  close(): void
}

export interface SourceEvents {
  /** It is worth while to open another pipe now, unless there is a server at the other end of the one there is. */
  again(): void
  /** A worker could not be started. */
  failed(words: string): void
}
