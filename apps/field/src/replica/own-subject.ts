/** Who is signed in, for what this page remembers of a person: a device may go from one to the next. The app notes it as it is told. */
let subject: string | undefined

export function noteSubject(now: string | undefined): void {
  subject = now
}

/** Undefined where nobody is, or it is not known yet. */
export function ownSubject(): string | undefined {
  return subject
}
