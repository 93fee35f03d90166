/** An error as the venue answers it: HTTP status (also `status` of the WebSocket API), code, message and data. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: number;
  readonly data: unknown;
  /** Seconds to wait, with 429 and 418. */
  readonly retryAfter: number | undefined;

  constructor(status: number, code: number, message: string, data?: unknown, retryAfter?: number) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
    this.data = data;
    this.retryAfter = retryAfter;
  }

  /** What stands in the answer. */
  body(): { readonly code: number; readonly msg: string; readonly data?: unknown } {
    return this.data === undefined
      ? { code: this.code, msg: this.message }
      : { code: this.code, msg: this.message, data: this.data };
  }
}
