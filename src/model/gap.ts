/** What a `gap` event says is missing, by its code. The book is unusable after every code but those of {@link BESIDE_BOOK}. */
export const GAPS = {
  BOOK_GAP: 'Changes of a book are missing: it is dropped until the next snapshot.',
  BOOK_CROSSED: 'A book crossed, so a change must have been lost: it is dropped until the next snapshot.',
  TRADE_GAP: 'Trades are missing: `expected` is the first missing id, `received` the next one that came.',
  QUOTE_GAP: 'Quotes may be missing since the last one.',
  BAR_GAP:
    'Bars are missing: `expected` is the start of the first, `received` that of the next one that came.',
} as const;

export type GapCode = keyof typeof GAPS;

const BESIDE_BOOK: ReadonlySet<string> = new Set<GapCode>(['TRADE_GAP', 'QUOTE_GAP', 'BAR_GAP']);

/** True unless the gap surely concerns something else than books: what is not known to be harmless is not. */
export function breaksBook(code: string): boolean {
  return !BESIDE_BOOK.has(code);
}
