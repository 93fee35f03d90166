export { isSensitiveKey, redact, redactConfig, registerSecret, Secrets, secrets } from '../model/secrets.js';
