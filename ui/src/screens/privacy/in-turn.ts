interface Waiting<T> {
  value: T;
  promise: Promise<void>;
  done(): void;
  fail(error: unknown): void;
}

/**
 * Writes one value after the other, of each key the latest: of two that overtake each other
 * the older would win. What comes while one is on its way waits, and only the last of it goes.
 * What fails is said to whoever put that; the others go on.
 */
export function inTurn<T>(write: (key: string, value: T) => Promise<unknown>): (key: string, value: T) => Promise<void> {
  const waiting = new Map<string, Waiting<T>>();
  let isRunning = false;
  const drain = async () => {
    isRunning = true;
    for (let next = waiting.entries().next().value; next; next = waiting.entries().next().value) {
      const [key, one] = next;
      waiting.delete(key);
      try {
        await write(key, one.value);
        one.done();
      } catch (error) {
        one.fail(error);
      }
    }
    isRunning = false;
  };
  return (key, value) => {
    const before = waiting.get(key);
    if (before) {
      before.value = value;
      return before.promise;
    }
    let [done, fail]: [() => void, (error: unknown) => void] = [() => {}, () => {}];
    const promise = new Promise<void>((resolve, reject) => {
      [done, fail] = [resolve, reject];
    });
    waiting.set(key, { value, promise, done, fail });
    if (!isRunning) void drain();
    return promise;
  };
}
