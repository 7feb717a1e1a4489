export { apolloTools } from './apollo-tools.ts'
export { avinodeTools } from './avinode-tools.ts'
export { googleSheetsTools } from './google-sheets-tools.ts'
export { teamsTools } from './teams-tools.ts'
