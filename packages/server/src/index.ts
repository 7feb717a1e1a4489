export {
  BUDGET_OPTIONS_DEFAULTS,
  defineConfig,
  EMERGENCY_OPTIONS_DEFAULTS,
  MEMORY_DEFAULTS,
  SERVER_DEFAULTS,
  STORAGE_DEFAULTS,
  SYNC_OPTIONS_DEFAULTS,
} from './config/options.ts'
export type {
  BudgetLimitOptions,
  BudgetOptions,
  EmergencyOptions,
  HoldfastConfig,
  IntegrationPolicies,
  LogLevel,
  MemoryOptions,
  HubSpotSourceOptions,
  PullOptions,
  ServerOptions,
  SheetSourceOptions,
  StorageOptions,
  StoreSourceOptions,
  SyncKind,
  SyncKindOptions,
  SyncOptions,
  SyncSourceOptions,
  TenantOptions,
  ToolServerOptions,
} from './config/options.ts'
export { ConfigError } from './config/check.ts'
export type { ConfigProblem } from './config/check.ts'
export { loadConfig } from './config/load.ts'
export { readEnvironment } from './environment/environment.ts'
export type { ApiKey, Environment } from './environment/environment.ts'
export type { OnCallAddress } from './environment/on-call.ts'
export type { ServiceName, Services } from './environment/services.ts'
export { EnvironmentError } from './environment/variables.ts'
export { startServer } from './start/start-server.ts'
export type { RunningServer, StartOptions } from './start/start-server.ts'
export type { Log } from './http/context.ts'
export type { EmergencyHealth } from './emergency/emergency-desk.ts'
export type { DependencyHealth, HealthReport } from './routes/health.ts'
