/** Aircraft categories as charter marketplaces name them, smallest first. */
export const CATEGORIES = [
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

/** One of {@link CATEGORIES}. */
export type Category = (typeof CATEGORIES)[number]

/** A real aircraft type with round figures of its performance. */
export interface AircraftType {
  readonly name: string
  readonly category: Category
  readonly seats: number
  /** Still-air range with those seats filled and reserves, in nautical miles. */
  readonly rangeNm: number
  /** Block speed in knots. */
  readonly speedKt: number
  /** Typical charter price of a flight hour, in US dollars. */
  readonly hourlyUsd: number
  readonly firstYear: number
}

const row = (
  name: string,
  category: Category,
  seats: number,
  rangeNm: number,
  speedKt: number,
  hourlyUsd: number,
  firstYear: number,
): AircraftType => ({ name, category, seats, rangeNm, speedKt, hourlyUsd, firstYear })

export const AIRCRAFT_TYPES: readonly AircraftType[] = [
  row('Cirrus SR22T', 'Piston', 3, 800, 180, 900, 2013),
  row('Piper Navajo Chieftain', 'Piston', 7, 900, 185, 1_100, 1980),
  row('Pilatus PC-12 NGX', 'Turbo prop', 8, 1_500, 270, 2_300, 2020),
  row('Beechcraft King Air 350i', 'Turbo prop', 9, 1_550, 300, 2_800, 2010),
  row('Cirrus Vision Jet', 'Entry level jet (VLJ)', 5, 900, 290, 2_300, 2017),
  row('Cessna Citation M2', 'Entry level jet (VLJ)', 6, 1_300, 370, 3_000, 2014),
  row('Embraer Phenom 100EV', 'Entry level jet (VLJ)', 6, 1_100, 370, 3_000, 2017),
  row('HondaJet Elite', 'Entry level jet (VLJ)', 5, 1_300, 390, 3_100, 2018),
  row('Cessna Citation CJ3+', 'Light jet', 7, 1_800, 390, 3_700, 2014),
  row('Embraer Phenom 300E', 'Light jet', 8, 1_950, 430, 4_200, 2018),
  row('Learjet 45XR', 'Super light jet', 8, 1_850, 435, 4_300, 2005),
  row('Learjet 75', 'Super light jet', 8, 1_950, 440, 4_600, 2013),
  row('Cessna Citation XLS+', 'Super light jet', 8, 1_850, 410, 4_500, 2009),
  row('Hawker 800XP', 'Midsize jet', 8, 2_400, 415, 4_900, 2000),
  row('Cessna Citation Latitude', 'Midsize jet', 9, 2_650, 420, 5_500, 2015),
  row('Learjet 60XR', 'Midsize jet', 7, 2_300, 430, 4_800, 2007),
  row('Embraer Praetor 500', 'Midsize jet', 9, 3_250, 440, 6_000, 2019),
  row('Bombardier Challenger 350', 'Super midsize jet', 9, 3_100, 450, 6_900, 2014),
  row('Cessna Citation Longitude', 'Super midsize jet', 9, 3_400, 455, 7_000, 2019),
  row('Gulfstream G280', 'Super midsize jet', 10, 3_500, 460, 7_100, 2012),
  row('Dassault Falcon 2000LXS', 'Heavy jet', 10, 3_900, 450, 7_800, 2014),
  row('Bombardier Challenger 605', 'Heavy jet', 12, 3_900, 440, 7_700, 2007),
  row('Embraer Legacy 650', 'Heavy jet', 13, 3_800, 440, 7_900, 2010),
  row('Gulfstream G450', 'Heavy jet', 14, 4_250, 460, 8_600, 2005),
  row('Dassault Falcon 900LX', 'Heavy jet', 12, 4_500, 450, 8_800, 2011),
  row('Dassault Falcon 7X', 'Ultra long range', 14, 5_700, 465, 10_200, 2008),
  row('Gulfstream G550', 'Ultra long range', 16, 6_500, 465, 10_400, 2004),
  row('Bombardier Global 6000', 'Ultra long range', 14, 6_000, 470, 10_600, 2012),
  row('Gulfstream G650ER', 'Ultra long range', 16, 7_200, 485, 12_900, 2014),
  row('Bombardier Global 7500', 'Ultra long range', 16, 7_400, 485, 13_800, 2018),
  row('Boeing BBJ', 'VIP airliner', 19, 5_800, 450, 17_500, 2001),
  row('Airbus ACJ319', 'VIP airliner', 19, 5_600, 450, 17_000, 2002),
]
