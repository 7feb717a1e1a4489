export { understand } from './understanding/index.ts'
