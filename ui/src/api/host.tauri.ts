import { invoke } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";
import { getCurrentWebview } from "@tauri-apps/api/webview";
import { readText, writeText } from "@tauri-apps/plugin-clipboard-manager";
import { open, save } from "@tauri-apps/plugin-dialog";
import type { Event } from "./generated/commands";
import type { Host } from "./host";

const FILES = ["csv", "tsv", "txt", "xlsx", "vcf", "vcard", "ldif", "json", "ndjson", "jsonl", "mbox", "eml"];

/** Listening begins later than it is asked for; a stop before that still counts. */
function stopLater(started: Promise<() => void>): () => void {
  return () => void started.then((stop) => stop());
}

export const host: Host = {
  call: (name, payload) => invoke("call", { name, payload }),
  onEvent: (listener) => stopLater(listen<Event>("cardfile", (event) => listener(event.payload))),
  onDrop: (listener, hover) =>
    stopLater(
      getCurrentWebview().onDragDropEvent(({ payload }) => {
        hover(payload.type === "enter" || payload.type === "over");
        if (payload.type === "drop") listener(payload.paths);
      }),
    ),
  chooseFile: () => open({ multiple: false, filters: [{ name: "Contacts", extensions: FILES }] }),
  chooseFiles: () => open({ multiple: true }).then((files) => files ?? []),
  choosePicture: () => open({ multiple: false, filters: [{ name: "Pictures", extensions: ["png", "jpg", "jpeg", "gif", "webp"] }] }),
  chooseFolder: () => open({ directory: true }),
  // A clipboard without a text is an error there.
  readText: () => readText().catch(() => ""),
  writeText: (text) => writeText(text),
  chooseTarget: (name) => save({ defaultPath: name }),
};
