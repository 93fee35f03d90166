export {
  isSensitiveKey,
  redact,
  redactConfig,
  registerSecret,
  REDACTED,
  Secrets,
  secrets,
  SHORTEST_SECRET,
} from '../model/secrets.js';
