import { QueryObserver } from "@tanstack/react-query";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Event } from "./generated/commands";

const bridge = vi.hoisted(() => ({ tell: (_: Event) => {}, answers: [] as ((answer: string) => void)[] }));
vi.mock("./host.tauri", () => ({
  host: {
    onEvent: (listener: (event: Event) => void) => { bridge.tell = listener; },
    call: () => new Promise<string>((answer) => bridge.answers.push(answer)),
  },
}));
const { host, queries } = await import("./cache");

const stale: Event = { event: "stale", tags: ["facets"] };
/** What a screen sees of an answer, from now on. */
function watched(command: "facets_get" | "recipe_list") {
  const seen: unknown[] = [];
  const observer = new QueryObserver(queries, { queryKey: [command, {}], queryFn: () => host.call(command, {}) });
  const stop = observer.subscribe(({ data }) => { if (data !== undefined && data !== seen.at(-1)) seen.push(data); });
  return { seen, stop };
}
/** The engine answers what it was asked first. */
const answer = (text: string) => { bridge.answers.shift()?.(text); return vi.waitFor(() => expect(queries.isFetching()).toBe(bridge.answers.length)); };

describe("what the engine answered", () => {
  afterEach(() => { queries.clear(); bridge.answers.length = 0; });

  it("is asked for anew when something changed, and what did not change is not", async () => {
    const [changed, same] = [watched("facets_get"), watched("recipe_list")];
    await answer("old");
    await answer("recipes");
    bridge.tell(stale);
    expect(bridge.answers.length).toBe(1);
    await answer("new");
    expect([changed.seen, same.seen]).toEqual([["old", "new"], ["recipes"]]);
    changed.stop();
    same.stop();
  });

  it("is asked for once more when something changed while the first answer was on its way", async () => {
    const { seen, stop } = watched("facets_get");
    bridge.tell(stale);
    bridge.tell(stale);
    bridge.answers.shift()?.("read before");
    await vi.waitFor(() => expect(bridge.answers.length).toBe(1));
    await answer("read after");
    expect(seen).toEqual(["read before", "read after"]);
    expect(bridge.answers).toEqual([]);
    stop();
  });

  it("is asked for anew by whoever comes back to it, when something changed while it was on its way to nobody", async () => {
    const first = watched("facets_get");
    await answer("shown before");
    bridge.tell(stale);
    first.stop();
    bridge.tell(stale);
    await answer("read before");
    const back = watched("facets_get");
    await vi.waitFor(() => expect(bridge.answers.length).toBe(1));
    await answer("read after");
    expect(back.seen).toEqual(["read before", "read after"]);
    back.stop();
  });
});
