export { AuditSink, type AuditOptions } from './audit/audit-sink.js';
export { auditFormatOf, type AuditEntry, type AuditFormatName } from './audit/format.js';
export {
  verifyAudit,
  verifyAuditText,
  type AuditProblem,
  type AuditVerdict,
  type VerifyAuditOptions,
} from './audit/verify.js';
export { csvField, csvRow } from './csv.js';
export { nodeFiles, type FilePort, type OpenFile } from './file-port.js';
export { readiness, type ComponentHealth, type Readiness } from './metrics/health.js';
export { MetricsSink, type MetricsOptions } from './metrics/metrics-sink.js';
export { RecordsSink, type RecordsOptions } from './records/records-sink.js';
export { TABLES, type TableName } from './records/tables.js';
export type { TurnSink } from './sink.js';
export { BestEffortRing, type RingPolicy } from './ring.js';
export { isSensitiveKey, redact, redactConfig, registerSecret, Secrets, secrets } from './secrets.js';
