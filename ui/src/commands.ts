import { useSyncExternalStore } from "react";

/**
 * Every command a person can give, once: palette, cheat sheet and keycaps are
 * made from this list. A letter alone works only when no field is typed in.
 */
export interface Command {
  id: string;
  title: string;
  group: "Everywhere" | "Go to" | "Move and select" | "With a card or a selection";
  /** `ctrl+k`, `n`, `g c`; nothing when it has no key. */
  keys?: string;
}

export const COMMANDS = [
  { id: "palette", title: "Search or jump to", group: "Everywhere", keys: "ctrl+k" },
  { id: "search", title: "Search this list", group: "Everywhere", keys: "/" },
  { id: "filter", title: "Filter", group: "Everywhere", keys: "f" },
  { id: "new", title: "New contact", group: "Everywhere", keys: "n" },
  { id: "import", title: "Import a file", group: "Everywhere" },
  { id: "export", title: "Export this list", group: "Everywhere" },
  { id: "undo", title: "Undo", group: "Everywhere", keys: "ctrl+z" },
  { id: "redo", title: "Redo", group: "Everywhere", keys: "ctrl+shift+z" },
  { id: "save", title: "Save this list as a view", group: "Everywhere", keys: "ctrl+s" },
  { id: "lock", title: "Lock now", group: "Everywhere", keys: "ctrl+l" },
  { id: "keys", title: "Keyboard", group: "Everywhere", keys: "?" },
  { id: "theme", title: "Switch between light and dark", group: "Everywhere" },
  { id: "go.contacts", title: "Contacts", group: "Go to", keys: "g c" },
  { id: "go.inbox", title: "Inbox", group: "Go to", keys: "g i" },
  { id: "go.imports", title: "Imports", group: "Go to", keys: "g m" },
  { id: "go.exports", title: "Exports & privacy", group: "Go to", keys: "g e" },
  { id: "go.lifecycle", title: "Lifecycle and rules", group: "Go to", keys: "g l" },
  { id: "go.insights", title: "Insights", group: "Go to", keys: "g n" },
  { id: "go.history", title: "History", group: "Go to", keys: "g h" },
  { id: "go.bin", title: "Bin", group: "Go to", keys: "g b" },
  { id: "go.settings", title: "Settings", group: "Go to", keys: "g s" },
  { id: "next", title: "Next", group: "Move and select", keys: "j" },
  { id: "previous", title: "Previous", group: "Move and select", keys: "k" },
  { id: "edit", title: "Edit", group: "With a card or a selection", keys: "e" },
  { id: "bin", title: "Move to bin", group: "With a card or a selection", keys: "delete" },
] as const satisfies Command[];

/** Keys inside the cells of the list, which are always the same. */
export const CELL_KEYS: [string, string][] = [
  ["arrowright", "Go into the cells"], ["shift+arrowright", "Take more cells"], ["enter", "Edit the cell"], ["ctrl+c", "Copy the cells"],
  ["ctrl+v", "Paste a block"], ["ctrl+d", "Fill down"], ["delete", "Empty the cells"], ["escape", "Leave the cells"],
];

export type CommandId = (typeof COMMANDS)[number]["id"];

/** Keys a person gave instead of ours; an empty text takes a key away. */
export type Bindings = Partial<Record<CommandId, string>>;
let bindings: Bindings = {};
const listeners = new Set<() => void>();

/** Takes the bindings that the workspace keeps. */
export function bind(value: unknown): void {
  bindings = (typeof value === "object" && value !== null ? value : {}) as Bindings;
  for (const listener of listeners) listener();
}

/** The bindings, and a redraw when they change. */
export function useBindings(): Bindings {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => bindings,
  );
}

/** The keys of a command; nothing when it has none. */
export function keysOf(id: CommandId): string {
  const command: Command | undefined = COMMANDS.find((one) => one.id === id);
  return bindings[id] ?? command?.keys ?? "";
}

/** What was pressed, as `keys` writes it. */
export function pressed(event: KeyboardEvent): string {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key.toLowerCase();
  const shift = event.shiftKey && event.key.length > 1 ? "shift+" : event.shiftKey && (event.ctrlKey || event.metaKey) ? "shift+" : "";
  return `${event.ctrlKey || event.metaKey ? "ctrl+" : ""}${shift}${key}`;
}

/** Whether keys go into a field just now. */
export function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

const ARROWS: Record<string, string> = { arrowright: "→", arrowleft: "←", arrowup: "↑", arrowdown: "↓" };

/** `Ctrl`, `K` */
export const keycaps = (keys: string) =>
  keys.split(/[+ ]/).map((part) => (part.length === 1 ? part.toUpperCase() : ARROWS[part] ?? part.replace(/^./, (c) => c.toUpperCase())));
