export interface StrategyOptions {
  /** Errors after which it is disabled. Default 5. */
  readonly maxErrors?: number;
  /** `continue` (default): run it again after its stream failed. `disable`: the first error disables it. */
  readonly onError?: 'continue' | 'disable';
  /** Bars of an instrument that must have come before intents on it pass. Default 0. */
  readonly warmUp?: number;
  /** Default: the only account known, else ''. */
  readonly account?: string;
  /** Broker its orders go to; default '': the only `orders` sink. */
  readonly route?: string;
  /** Symbols it trades. Default: all of the table. */
  readonly instruments?: readonly string[];
  readonly onDisable?: (name: string, reason: string) => void;
}
