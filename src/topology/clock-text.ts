const CLOCK = /^([01]\d|2[0-4]):([0-5]\d)$/;

/** `09:30` as minutes after midnight, up to `24:00`; undefined for other text. */
export function parseClock(text: string): number | undefined {
  const [, hours, minutes] = CLOCK.exec(text.trim()) ?? [];
  const value = Number(hours) * 60 + Number(minutes);
  return value <= 24 * 60 ? value : undefined;
}

/** Minutes after midnight as `09:30`. */
export function formatClock(minutes: number): string {
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
}
