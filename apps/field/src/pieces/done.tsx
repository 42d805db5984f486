/** What was just done, also for those who hear the page. It is there when there is nothing to say, or what comes would not be read out. */
export function Done({ words }: { words: string }) {
  return (
    <p role="status" className={words === '' ? undefined : 'banner good'}>
      {words}
    </p>
  )
}
