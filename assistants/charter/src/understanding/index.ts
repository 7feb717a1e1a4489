export type { Intent, PeopleFilter, Segment, Turn, Understanding, UnderstandOptions } from './types.ts'
export { understand } from './understand.ts'
export { airportByIata, airportByIcao, nauticalMiles } from './gazetteer.ts'
export type { Airport } from './gazetteer.ts'
