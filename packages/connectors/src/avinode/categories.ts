/**
 * Aircraft categories as Avinode spells them. `Midsize jet`, `Super midsize jet` and `Heavy jet` are in its public examples; the
 * others are the marketplace's names as they are commonly listed.
 */
export const AIRCRAFT_CATEGORIES = [
  'Piston',
  'Turbo prop',
  'Entry level jet (VLJ)',
  'Light jet',
  'Super light jet',
  'Midsize jet',
  'Super midsize jet',
  'Heavy jet',
  'Ultra long range',
  'VIP airliner',
] as const
export type AircraftCategory = (typeof AIRCRAFT_CATEGORIES)[number]

const OTHER_SPELLINGS: ReadonlyMap<string, AircraftCategory> = new Map(
  Object.entries({
    verylight: 'Entry level jet (VLJ)',
    vlj: 'Entry level jet (VLJ)',
    entrylevel: 'Entry level jet (VLJ)',
    entrylevelvlj: 'Entry level jet (VLJ)',
    mid: 'Midsize jet',
    medium: 'Midsize jet',
    supermid: 'Super midsize jet',
    large: 'Heavy jet',
    largecabin: 'Heavy jet',
    ultralong: 'Ultra long range',
    ulr: 'Ultra long range',
    airliner: 'VIP airliner',
    prop: 'Turbo prop',
  } satisfies Record<string, AircraftCategory>),
)

const plain = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z]/g, '')
    .replace(/jets?/, '')

const BY_SPELLING = new Map(AIRCRAFT_CATEGORIES.map((category) => [plain(category), category]))

/** Avinode's spelling of a category in anybody's: `super mid-size`, `heavy`, `VLJ`. `undefined` for one that there is not. */
export function aircraftCategory(text: string): AircraftCategory | undefined {
  const key = plain(text)
  return BY_SPELLING.get(key) ?? OTHER_SPELLINGS.get(key)
}
