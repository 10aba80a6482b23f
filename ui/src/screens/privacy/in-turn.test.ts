import { expect, it } from "vitest";
import { inTurn } from "./in-turn";

it("one write goes after the other, and of those that wait only the latest of each key", async () => {
  const written: string[] = [];
  const ends: (() => void)[] = [];
  const put = inTurn<number>((key, value) => {
    written.push(`${key}${value}`);
    return new Promise<void>((end) => ends.push(end));
  });
  const all = [put("a", 1), put("a", 2), put("b", 1), put("a", 3)];
  expect(written).toEqual(["a1"]);
  while (written.length < 3) {
    ends.shift()?.();
    await Promise.resolve();
  }
  ends.shift()?.();
  await Promise.all(all);
  expect(written).toEqual(["a1", "a3", "b1"]);
  const later = put("a", 4);
  ends.shift()?.();
  await later;
  expect(written.at(-1)).toBe("a4");
});

it("what waits behind a write that fails is written all the same", async () => {
  const written: string[] = [];
  const put = inTurn<number>(async (key, value) => {
    await Promise.resolve();
    if (key === "a") throw new Error("no");
    written.push(`${key}${value}`);
  });
  const [first, second] = [put("a", 1), put("b", 2)];
  await expect(first).rejects.toThrow("no");
  await second;
  expect(written).toEqual(["b2"]);
});

it("a write that fails is told, and does not stop those after it", async () => {
  let fails = true;
  const put = inTurn<number>(() => (fails ? Promise.reject(new Error("no")) : Promise.resolve()));
  await expect(put("a", 1)).rejects.toThrow("no");
  fails = false;
  await put("a", 2);
});
