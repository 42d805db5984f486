/** The collection of Skerry, that of `npm run bench:peers` as well. */
export { collections, SPACE } from '../../peers/src/ours-collection.ts'
