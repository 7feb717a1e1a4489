import type { BudgetAccountReport, BudgetsReport } from '../budgets/account-report.ts'
import { whoIs } from '../budgets/account-report.ts'
import type { Environment } from '../environment/environment.ts'
import type { HealthReport } from '../routes/health.ts'
import { askAdmin } from './admin-client.ts'
import type { Output } from './output.ts'
import { table } from './output.ts'

/** Accounts that are shown; those without room come first. */
const MOST_ACCOUNTS = 20

/** `holdfast status`: exit code 0 while every assistant can answer, else 1. */
export async function runStatus(environment: Environment, output: Output): Promise<number> {
  const report = (await askAdmin(environment, 'GET', '/admin/system-status')) as HealthReport & {
    readonly answersUnderWay: number
    readonly process: { readonly rssBytes: number }
  }
  const { status, version, uptimeSeconds, answersUnderWay } = report
  output.out(
    `${environment.serverUrl}: ${status}, version ${version}, up ${uptimeSeconds} s, ${answersUnderWay} answers under way, ${Math.round(report.process.rssBytes / 1_048_576)} MiB\n\n`,
  )
  const rows = report.dependencies.map((dependency) => [
    dependency.name,
    dependency.status,
    `circuit ${dependency.circuit}`,
    dependency.sandbox ? 'sandbox' : 'real',
    dependency.since === undefined ? '' : `since ${dependency.since}`,
    dependency.lastError === undefined ? '' : `last error ${dependency.lastError.code}`,
  ])
  output.out(`${table(rows)}\n`)
  const { accounts, kept } = (await askAdmin(environment, 'GET', '/admin/budgets')) as BudgetsReport
  if (accounts.length > 0) output.out(`\n${table(accounts.slice(0, MOST_ACCOUNTS).map(accountRow))}\n`)
  if (accounts.length > MOST_ACCOUNTS) output.out(`  and ${accounts.length - MOST_ACCOUNTS} more: GET /admin/budgets\n`)
  if (kept === false)
    output.out('\nAccounts of budgets are not kept now: a restart forgives what is spent. The log says why.\n')
  return status === 'healthy' || status === 'degraded' ? 0 : 1
}

function accountRow({
  budget,
  of,
  isFloor,
  state,
  used,
  elsewhere = {},
  soft,
  max,
  windowEndsAt,
  refused,
}: BudgetAccountReport): string[] {
  const units = Object.keys({ ...soft, ...max }) as (keyof typeof used)[]
  const usedOf = (unit: keyof typeof used): string => {
    const others = elsewhere[unit] ?? 0
    return others === 0 ? `${used[unit] ?? 0}` : `${used[unit] ?? 0} and elsewhere ${others}`
  }
  return [
    `budget ${budget}`,
    isFloor === true ? 'newcomers' : whoIs(of),
    state,
    units.map((unit) => `${unit} ${usedOf(unit)} of ${max[unit] ?? `${soft[unit]} (soft)`}`).join(', '),
    `until ${windowEndsAt}`,
    refused === 0 ? '' : `refused ${refused}`,
  ]
}
