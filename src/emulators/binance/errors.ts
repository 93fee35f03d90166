import { ApiError } from './api-error.js';

/** The venue's own errors, by what is wrong. Texts and codes as its error list has them. */

export const missing = (name: string): ApiError =>
  new ApiError(400, -1102, `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.`);

export const missingOneOf = (a: string, b: string): ApiError =>
  new ApiError(400, -1102, `Param '${a}' or '${b}' must be sent, but both were empty/null!`);

export const illegal = (name: string, range: string): ApiError =>
  new ApiError(400, -1100, `Illegal characters found in parameter '${name}'; legal range is '${range}'.`);

export const empty = (name: string): ApiError => new ApiError(400, -1105, `Parameter '${name}' was empty.`);

export const notRequired = (name: string): ApiError =>
  new ApiError(400, -1106, `Parameter '${name}' sent when not required.`);

export const tooPrecise = (name: string): ApiError =>
  new ApiError(400, -1111, `Parameter '${name}' has too much precision.`);

export const invalidData = (name: string): ApiError =>
  new ApiError(400, -1130, `Data sent for parameter '${name}' is not valid.`);

export const badCombination = (): ApiError =>
  new ApiError(400, -1128, 'Combination of optional parameters invalid.');

export const duplicateParameter = (): ApiError =>
  new ApiError(400, -1101, 'Duplicate values for a parameter detected.');

export const tooMany = (expected: number, received: number): ApiError =>
  new ApiError(400, -1101, `Too many parameters; expected '${expected}' and received '${received}'.`);

export const unread = (read: number, sent: number): ApiError =>
  new ApiError(
    400,
    -1104,
    `Not all sent parameters were read; read '${read}' parameter(s) but was sent '${sent}'.`,
  );

export const badSymbol = (): ApiError => new ApiError(400, -1121, 'Invalid symbol.');

/** The request broke a filter of the symbol, the exchange or the account. */
export const filterFailure = (filter: string): ApiError =>
  new ApiError(400, -1013, `Filter failure: ${filter}`);

/** The request never reached the matching engine. */
export const invalidMessage = (text: string): ApiError => new ApiError(400, -1013, text);

/** The matching engine refused a new order. */
export const rejected = (text: string): ApiError => new ApiError(400, -2010, text);

export const cancelRejected = (text: string): ApiError => new ApiError(400, -2011, text);

export const unknownOrder = (): ApiError => cancelRejected('Unknown order sent.');

export const noSuchOrder = (): ApiError => new ApiError(400, -2013, 'Order does not exist.');

export const insufficientBalance = (): ApiError =>
  rejected('Account has insufficient balance for requested action.');

/** Answer of what the venue has and this exchange does not: never a silent wrong. */
export const notEmulated = (call: string): ApiError =>
  new ApiError(501, -1020, `${call} is not emulated by this exchange.`);
