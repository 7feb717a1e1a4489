import type { Environment } from '../environment/environment.ts'
import type { HealthReport } from '../routes/health.ts'
import { askAdmin } from './admin-client.ts'
import type { Output } from './output.ts'
import { table } from './output.ts'

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
  return status === 'healthy' || status === 'degraded' ? 0 : 1
}
