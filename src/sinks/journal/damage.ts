import { MillraceError } from '../../model/reason.js';
import { placeText, type Place } from './frame.js';

export function damaged(place: Place, seq: number, reason: string, cause?: unknown): MillraceError {
  return new MillraceError(
    'JOURNAL_DAMAGED',
    `${placeText(place)}: ${reason} (after turn ${seq})`,
    'restore the file from a copy; a journal with a damaged record cannot be trusted past this place',
    cause === undefined ? undefined : { cause },
  );
}
