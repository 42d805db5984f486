/** The server of a contender, a process of its own: it serves the contender's pages, what they sync with, and edits on request. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { type Served, type ServedOptions, served } from '@skerry/browser-test/served'
import { type Admission, EDIT_PATH, type EditThere } from './admission.ts'

export interface Place {
  /** Where the process keeps its files. */
  folder: string
  records: number
}

export interface Serving extends Place {
  /** Folder of the built pages. */
  pages: string
}

/** The commands that the parent calls; a type, because an interface is no record of commands. */
export type BrowserServerCommands = {
  /** Writes the records, as the contender stores them, and closes the store again. */
  seed(place: Place): Promise<void>
  /** Serves what was written; gives the URL of the pages, with a slash. */
  open(serving: Serving): Promise<string>
  /** `publicKey`: hexadecimal, of a page that has one. */
  admit(publicKey: string | undefined): Promise<Admission>
}

/** Seconds: as an app's server has it, whose files are named by their contents. */
const KEPT_S = 3_600

/** `edit` makes an edit that every device is then told of. */
export function servePages(
  pages: string,
  edit: (wanted: EditThere) => Promise<void>,
  answers: ServedOptions['answers'] = () => false,
): Promise<Served> {
  return served(pages, {
    keptS: KEPT_S,
    answers(request, response) {
      if (request.url !== EDIT_PATH) return answers(request, response)
      void answerEdit(request, response, edit)
      return true
    },
  })
}

async function answerEdit(
  request: IncomingMessage,
  response: ServerResponse,
  edit: (wanted: EditThere) => Promise<void>,
): Promise<void> {
  try {
    await edit(JSON.parse(await text(request)) as EditThere)
    response.writeHead(204).end()
  } catch (error) {
    response.writeHead(500, { 'content-type': 'text/plain' }).end(String(error))
  }
}
