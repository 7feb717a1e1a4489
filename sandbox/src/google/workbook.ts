import type { World } from '../world/world.ts'

/** What stands in a cell. */
export type Cell = string | number | boolean

/** A sheet: its rows, and the size of its grid, which is larger. */
export interface Sheet {
  readonly id: number
  readonly title: string
  rowCount: number
  readonly columnCount: number
  readonly rows: Cell[][]
}

/** In which its dates are meant. */
export const TIME_ZONE = 'America/New_York'

/** The id of the only spreadsheet there is. */
export const SPREADSHEET_ID = 'sandbox-clients'

/** A sheet grows no longer than this. */
export const MAX_ROWS = 10_000

const AIRPORTS = ['KTEB', 'KMIA', 'KVNY', 'KPBI', 'EGGW', 'LFPB', 'LSGG', 'KBED']

const QUOTE_COLUMNS = [
  'Vendor',
  'Number',
  'Tail',
  'Price',
  'Currency',
  'Passengers',
  'Seats',
  'Departs',
  'Arrives',
  'Changed',
]

/** What vendors have offered, as of the first of 20 deals; dates as the days since 30 December 1899. */
function quotes(): Cell[][] {
  return Array.from({ length: 10 }, (_, index) => [
    'Avinode',
    `AV-${1_001 + index}`,
    `N${100 + index}HF`,
    9_500 + index * 1_500,
    'USD',
    4 + (index % 4),
    index === 1 ? 4 : 8,
    46_357.375 + index,
    46_357.5 + index,
    index % 2 === 0 ? 46_000.25 + index : '',
  ])
}

/** The desk's spreadsheet: its clients, what they asked for, and what they were offered. */
export function createWorkbook({ people }: Pick<World, 'people'>): readonly Sheet[] {
  const clients = people
    .slice(0, 120)
    .map((person, index): Cell[] => [
      `${person.firstName} ${person.lastName}`,
      person.email,
      person.organisation.name,
      AIRPORTS[index % AIRPORTS.length]!,
      1 + (index % 12),
      index % 7 === 0,
      index % 5 === 0 ? 'Prefers mornings' : '',
    ])
  const header = ['Name', 'E-mail', 'Company', 'Home airport', 'Passengers', 'VIP', 'Notes']
  return [
    { id: 0, title: 'Clients', rowCount: 1_000, columnCount: 26, rows: [header, ...clients] },
    {
      id: 1,
      title: 'Requests',
      rowCount: 1_000,
      columnCount: 26,
      rows: [['Date', 'Client', 'From', 'To', 'Passengers', 'Status']],
    },
    { id: 2, title: 'Quotes', rowCount: 1_000, columnCount: 26, rows: [QUOTE_COLUMNS, ...quotes()] },
  ]
}
