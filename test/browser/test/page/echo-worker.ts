/** Answers what it is told. */
globalThis.onmessage = ({ data }: MessageEvent) => globalThis.postMessage(data)
