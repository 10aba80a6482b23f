import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Event } from "./generated/commands";

const bridge = vi.hoisted(() => ({ answer: [] as (() => void)[], refuse: [] as (() => void)[], tell: {} as Record<string, (payload: unknown) => void> }));
const asked = (name: string) => (hear: (event: { payload: unknown }) => void) => new Promise<() => void>((answer, refuse) => {
  bridge.answer.push(() => { bridge.tell[name] = (payload) => hear({ payload }); answer(() => {}); });
  bridge.refuse.push(() => refuse(new Error("no bridge")));
});
vi.mock("@tauri-apps/api/event", () => ({ listen: (name: string, hear: never) => asked(name)(hear) }));
vi.mock("@tauri-apps/api/webview", () => ({ getCurrentWebview: () => ({ onDragDropEvent: asked("drag") }) }));

const stale: Event = { event: "stale", tags: ["contacts"] };

describe("the bridge to the window", () => {
  let host: typeof import("./host.tauri")["host"];
  beforeEach(async () => {
    Object.assign(bridge, { answer: [], refuse: [], tell: {} });
    vi.resetModules();
    ({ host } = await import("./host.tauri"));
  });
  const answered = () => { for (const answer of bridge.answer) answer(); return host.listening; };

  it("is asked once for each stream, and says when it has answered to all", async () => {
    let over = false;
    void host.listening.then(() => { over = true; });
    host.onEvent(() => {});
    host.onEvent(() => {});
    bridge.answer[0]?.();
    // As long as it takes to say so when all have answered.
    await Promise.allSettled([Promise.resolve()]).then(() => {});
    expect([bridge.answer.length, over]).toEqual([2, false]);
    await answered();
    expect(over).toBe(true);
  });

  it("does not keep the page waiting when it refuses", async () => {
    for (const refuse of bridge.refuse) refuse();
    await expect(host.listening).resolves.toBeDefined();
  });

  it("tells whoever listens, from the moment they ask to the moment they stop", async () => {
    await answered();
    const heard: string[] = [];
    const stop = host.onEvent(({ event }) => heard.push(`one ${event}`));
    host.onEvent(({ event }) => heard.push(`two ${event}`));
    bridge.tell.cardfile?.(stale);
    stop();
    bridge.tell.cardfile?.(stale);
    expect(heard).toEqual(["one stale", "two stale", "two stale"]);
  });

  it("hands files over where they are let go, and says when they are above", async () => {
    await answered();
    const heard: unknown[] = [];
    host.onDrop((paths) => heard.push(paths), (over) => heard.push(over));
    for (const payload of [{ type: "enter", paths: ["a.csv"] }, { type: "over" }, { type: "drop", paths: ["a.csv"] }, { type: "leave" }]) bridge.tell.drag?.(payload);
    expect(heard).toEqual([true, true, false, ["a.csv"], false]);
  });
});
