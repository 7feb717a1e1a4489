/** Keeps what changes all the time, such as accounts, on disk: the latest value of each key, whatever happens to the process. */
export { openValues } from './open-values.ts'
export type { Values, ValuesOpening, ValuesOptions, ValuesToWrite } from './values.ts'
export type { Files, OpenFile } from '../files/files.ts'
