import { afterEach, describe, expect, it } from "vitest";
import { bind, COMMANDS, keycaps, keysOf, pressed } from "./commands";

const key = (init: Partial<KeyboardEvent>) => ({ ctrlKey: false, metaKey: false, shiftKey: false, ...init }) as KeyboardEvent;

describe("the one list of shortcuts", () => {
  afterEach(() => bind(null));

  it("no two commands have the same keys, and none begins another", () => {
    const all = COMMANDS.map(({ id }) => keysOf(id)).filter(Boolean);
    expect(new Set(all).size).toBe(all.length);
    for (const one of all) expect(all.filter((other) => other.startsWith(`${one} `)), one).toEqual([]);
  });

  it.each([
    [{ key: "k", ctrlKey: true }, "ctrl+k"],
    [{ key: "k", metaKey: true }, "ctrl+k"],
    [{ key: "Z", ctrlKey: true, shiftKey: true }, "ctrl+shift+z"],
    [{ key: "?", shiftKey: true }, "?"],
    [{ key: "Delete" }, "delete"],
    [{ key: "Tab", shiftKey: true }, "shift+tab"],
  ])("%o is written %s", (event, text) => expect(pressed(key(event))).toBe(text));

  it("a person's keys win, and an empty text takes a key away", () => {
    bind({ new: "ctrl+n", bin: "" });
    expect([keysOf("new"), keysOf("bin"), keysOf("edit")]).toEqual(["ctrl+n", "", "e"]);
    bind("not a table");
    expect(keysOf("new")).toBe("n");
  });

  it("keycaps are what stands on the keys", () => {
    expect(keycaps("ctrl+shift+z")).toEqual(["Ctrl", "Shift", "Z"]);
    expect(keycaps("g c")).toEqual(["G", "C"]);
  });
});
