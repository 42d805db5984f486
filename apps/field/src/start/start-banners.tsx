/** What is above every page when there is something to say: a new version, or data on this device that cannot be reached. */
import { Technical } from '../pieces/technical.tsx'
import { useStorage, useToldSync } from '../replica/use-states.ts'
import { useWords } from '../words/use-words.ts'
import { useUpdate } from './use-update.ts'

export function StartBanners() {
  const words = useWords()
  const { isReady, take } = useUpdate()
  const { value: sync, error: failed } = useToldSync()
  const storage = useStorage()
  const isOutOfDate = sync?.reason?.code === 'reload'
  return (
    <>
      {(isReady || isOutOfDate) && (
        <div className="banner" role="status">
          <p>
            <strong>{words.update.ready}</strong> {words.update.safe}
          </p>
          <button type="button" onClick={isReady ? take : () => location.reload()}>
            {words.update.reload}
          </button>
        </div>
      )}
      {failed && (
        <div className="banner bad" role="alert">
          <p>{words.app.lost}</p>
          <Technical said={failed.message} />
          <button type="button" onClick={() => location.reload()}>
            {words.app.retry}
          </button>
        </div>
      )}
      {storage?.health === 'failed' && (
        <div className="banner bad" role="alert">
          <p>{words.storage.health.failed}</p>
          <Technical said={storage.reason} />
        </div>
      )}
      {storage?.health === 'gone-on-close' && (
        <p className="banner bad">{words.storage.health['gone-on-close']}</p>
      )}
    </>
  )
}
