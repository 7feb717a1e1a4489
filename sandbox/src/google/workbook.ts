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

/** The id of the only spreadsheet there is. */
export const SPREADSHEET_ID = 'sandbox-clients'

/** A sheet grows no longer than this. */
export const MAX_ROWS = 10_000

const AIRPORTS = ['KTEB', 'KMIA', 'KVNY', 'KPBI', 'EGGW', 'LFPB', 'LSGG', 'KBED']

/** The desk's spreadsheet: its clients, and what they asked for. */
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
  ]
}
