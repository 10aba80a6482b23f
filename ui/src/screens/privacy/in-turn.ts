/**
 * Writes one value after the other, of each key the latest: of two that overtake each other
 * the older would win. What comes while one is on its way waits, and only the last of it goes.
 */
export function inTurn<T>(write: (key: string, value: T) => Promise<unknown>): (key: string, value: T) => Promise<void> {
  const waiting = new Map<string, T>();
  let running: Promise<void> | null = null;
  const drain = async () => {
    try {
      for (let next = waiting.entries().next().value; next; next = waiting.entries().next().value) {
        waiting.delete(next[0]);
        await write(next[0], next[1]);
      }
    } finally {
      // What failed is said to whoever put it; the next one is tried all the same.
      running = null;
    }
  };
  return (key, value) => {
    waiting.set(key, value);
    running ??= drain();
    return running;
  };
}
