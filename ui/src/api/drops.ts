/** Who takes files dropped on the window before the import does: the screen in front, if it can use them. */
let taker: { what: string; take(paths: string[]): void } | null = null;

/** From now on dropped files come here; gives the way to stop. */
export function takeDrops(what: string, take: (paths: string[]) => void): () => void {
  const mine = { what, take };
  taker = mine;
  return () => {
    if (taker === mine) taker = null;
  };
}

/** What would become of files dropped now, when a screen takes them. */
export const dropsBecome = () => taker?.what ?? null;

/** Hands dropped files over; `false` when nobody takes them. */
export function handOver(paths: string[]): boolean {
  taker?.take(paths);
  return taker !== null;
}
