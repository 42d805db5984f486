/** `npm run build`: builds the app if its sources have changed, and says where it is. */
import { buildApp } from './build-app.ts'

const folder = await buildApp({ told: (line) => console.error(line) })
console.log(folder)
