import { invoke } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";
import { type DragDropEvent, getCurrentWebview } from "@tauri-apps/api/webview";
import { readText, writeText } from "@tauri-apps/plugin-clipboard-manager";
import { open, save } from "@tauri-apps/plugin-dialog";
import type { Event } from "./generated/commands";
import type { Host } from "./host";

const FILES = ["csv", "tsv", "txt", "xlsx", "vcf", "vcard", "ldif", "json", "ndjson", "jsonl", "mbox", "eml"];

/**
 * Those who listen to one stream of the bridge. It is asked once for each, before the first page is
 * drawn: it answers later than it is asked, and what came in between would reach nobody.
 */
function stream<T>() {
  const listeners = new Set<{ hear(value: T): void }>();
  return {
    tell: (value: T) => { for (const { hear } of [...listeners]) hear(value); },
    add(hear: (value: T) => void): () => void {
      const mine = { hear };
      listeners.add(mine);
      return () => void listeners.delete(mine);
    },
  };
}

const events = stream<Event>();
const drags = stream<DragDropEvent>();
const listening = Promise.allSettled([
  listen<Event>("cardfile", ({ payload }) => events.tell(payload)),
  getCurrentWebview().onDragDropEvent(({ payload }) => drags.tell(payload)),
]);

export const host: Host = {
  call: (name, payload) => invoke("call", { name, payload }),
  listening,
  onEvent: events.add,
  onDrop: (listener, hover) =>
    drags.add((drag) => {
      hover(drag.type === "enter" || drag.type === "over");
      if (drag.type === "drop") listener(drag.paths);
    }),
  chooseFile: () => open({ multiple: false, filters: [{ name: "Contacts", extensions: FILES }] }),
  chooseFiles: () => open({ multiple: true }).then((files) => files ?? []),
  choosePicture: () => open({ multiple: false, filters: [{ name: "Pictures", extensions: ["png", "jpg", "jpeg", "gif", "webp"] }] }),
  chooseFolder: () => open({ directory: true }),
  // A clipboard without a text is an error there.
  readText: () => readText().catch(() => ""),
  writeText: (text) => writeText(text),
  chooseTarget: (name) => save({ defaultPath: name }),
};
