export { createHealthMonitor } from './create-monitor.ts'
export { createFeatures } from './features.ts'
export type { FeatureNeeds, Features, FeaturesOptions, FeatureState } from './features.ts'
export type {
  CheckResult,
  HealthMonitor,
  Maintenance,
  MaintenanceEnd,
  RecoveryReport,
  RecoveryRequest,
  SystemHealth,
  TargetHealth,
} from './monitor.ts'
export { HEALTH_DEFAULTS } from './options.ts'
export type { CheckContext, HealthOptions, HealthSource, HealthTarget } from './options.ts'
export type { Availability, Outage } from './uptime.ts'
