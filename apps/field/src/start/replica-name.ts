/** Names the replica of this app in the browser: its database, its worker, its locks; and what lies beside it. */
export const REPLICA_NAME = 'skerry-field'

/** Database of the photos. */
export const PHOTOS_NAME = `${REPLICA_NAME}-blobs`
/** On it pages ask the worker for photos. */
export const PHOTOS_CHANNEL = `${REPLICA_NAME}:photos`
/** On it pages tell the worker when photos may be sent. */
export const SEND_WHEN_CHANNEL = `${REPLICA_NAME}:send-when`
