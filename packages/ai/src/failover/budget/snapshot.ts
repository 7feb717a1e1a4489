import { invalid } from '../../errors/invalid-options.ts'
import { UNITS } from './account.ts'
import type { BudgetSnapshot, BudgetSpending } from './budgets.ts'
import { DIMENSIONS } from './limit.ts'

/** Checks what was read from somewhere. @throws HoldfastError INVALID_OPTION */
export function checkSnapshot(snapshot: BudgetSnapshot): void {
  if (!isRecord(snapshot) || snapshot.version !== 1 || !Array.isArray(snapshot.accounts)) {
    throw invalid('snapshot', 'a snapshot of version 1', isRecord(snapshot) ? snapshot.version : snapshot)
  }
  for (const [index, account] of snapshot.accounts.entries()) {
    if (isAccount(account)) continue
    throw invalid(`snapshot.accounts[${index}]`, 'an account as snapshot() gives it', '(not shown)')
  }
}

/** @throws HoldfastError INVALID_OPTION */
export function checkSpending(spending: readonly BudgetSpending[]): void {
  if (!Array.isArray(spending)) throw invalid('spending', 'a list', spending)
  const bad = spending.findIndex((one) => !isOfAccount(one) || !isSlice(one))
  if (bad >= 0) throw invalid(`spending[${bad}]`, 'an account with a part of its period', '(not shown)')
}

function isAccount(account: unknown): boolean {
  if (!isOfAccount(account)) return false
  const { slices } = account
  return Array.isArray(slices) && slices.every(isSlice)
}

function isOfAccount(account: unknown): account is Readonly<Record<string, unknown>> {
  if (!isRecord(account) || typeof account['budget'] !== 'string' || !isRecord(account['of'])) return false
  const names = DIMENSIONS.map((dimension) => (account['of'] as Readonly<Record<string, unknown>>)[dimension])
  return names.every((name) => name === undefined || typeof name === 'string')
}

function isSlice(slice: unknown): boolean {
  return isRecord(slice) && Number.isFinite(slice['startsAt']) && UNITS.every((unit) => isAmount(slice[unit]))
}

function isAmount(amount: unknown): boolean {
  return typeof amount === 'number' && amount >= 0 && Number.isFinite(amount)
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
