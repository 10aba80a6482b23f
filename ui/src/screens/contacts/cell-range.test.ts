import { expect, test } from "vitest";
import { isWithin, quoted } from "./cell-range";

test("a range goes from where it begins to the cursor, in any direction", () => {
  const cell = { column: 1, fromRow: 5, fromColumn: 3 };
  expect(isWithin(cell, 2, 3, 2)).toBe(true);
  expect(isWithin(cell, 2, 5, 3)).toBe(true);
  expect(isWithin(cell, 2, 6, 2)).toBe(false);
  expect(isWithin(cell, 2, 3, 0)).toBe(false);
});

test("a cell with a tab, a line end or a quote stands in quotes", () => {
  expect(quoted("plain, 00441")).toBe("plain, 00441");
  expect(quoted('say "hi"')).toBe('"say ""hi"""');
});
