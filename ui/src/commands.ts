import { i18n, type MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import { useSyncExternalStore } from "react";

export type Group = "everywhere" | "go" | "move" | "card";

/** Headings of the groups, in their order. */
export const GROUPS: Record<Group, MessageDescriptor> = {
  everywhere: msg`Everywhere`, go: msg`Go to`, move: msg`Move and select`, card: msg`With a card or a selection`,
};

/**
 * Every command a person can give, once: palette, cheat sheet, keycaps and the
 * desktop's menu are made from this list. A letter alone works only when no field is typed in.
 */
export interface Command {
  id: string;
  title: MessageDescriptor;
  group: Group;
  /** `ctrl+k`, `n`, `g c`; nothing when it has no key. */
  keys?: string;
}

export const COMMANDS = [
  { id: "palette", title: msg`Search or jump to`, group: "everywhere", keys: "ctrl+k" },
  { id: "search", title: msg`Search this list`, group: "everywhere", keys: "/" },
  { id: "filter", title: msg`Filter`, group: "everywhere", keys: "f" },
  { id: "new", title: msg`New contact`, group: "everywhere", keys: "n" },
  { id: "import", title: msg`Import a file`, group: "everywhere" },
  { id: "export", title: msg`Export this list`, group: "everywhere" },
  { id: "connect", title: msg`Connect a system`, group: "everywhere" },
  { id: "request", title: msg`Write down a privacy request`, group: "everywhere" },
  { id: "undo", title: msg`Undo`, group: "everywhere", keys: "ctrl+z" },
  { id: "redo", title: msg`Redo`, group: "everywhere", keys: "ctrl+shift+z" },
  { id: "save", title: msg`Save this list as a view`, group: "everywhere", keys: "ctrl+s" },
  { id: "lock", title: msg`Lock now`, group: "everywhere", keys: "ctrl+l" },
  { id: "keys", title: msg`Keyboard`, group: "everywhere", keys: "?" },
  { id: "menu", title: msg`Show or hide the menu bar`, group: "everywhere", keys: "f10" },
  { id: "theme", title: msg`Switch between light and dark`, group: "everywhere" },
  { id: "go.contacts", title: msg`Contacts`, group: "go", keys: "g c" },
  { id: "go.inbox", title: msg`Inbox`, group: "go", keys: "g i" },
  { id: "go.imports", title: msg`Imports`, group: "go", keys: "g m" },
  { id: "go.exports", title: msg`Exports`, group: "go", keys: "g e" },
  { id: "go.privacy", title: msg`Privacy`, group: "go", keys: "g p" },
  { id: "go.connections", title: msg`Connections`, group: "go", keys: "g o" },
  { id: "go.agents", title: msg`Agents`, group: "go", keys: "g a" },
  { id: "go.lifecycle", title: msg`Lifecycle and rules`, group: "go", keys: "g l" },
  { id: "go.insights", title: msg`Insights`, group: "go", keys: "g n" },
  { id: "go.history", title: msg`History`, group: "go", keys: "g h" },
  { id: "go.bin", title: msg`Bin`, group: "go", keys: "g b" },
  { id: "go.settings", title: msg`Settings`, group: "go", keys: "g s" },
  { id: "next", title: msg`Next`, group: "move", keys: "j" },
  { id: "previous", title: msg`Previous`, group: "move", keys: "k" },
  { id: "edit", title: msg`Edit`, group: "card", keys: "e" },
  { id: "bin", title: msg`Move to bin`, group: "card", keys: "delete" },
] as const satisfies Command[];

/** Keys of the rows of the list, which are always the same. */
export const ROW_KEYS: [string, MessageDescriptor][] = [["enter", msg`Open the card`], ["space", msg`Select the row`], ["shift+arrowdown", msg`Select more rows`], ["escape", msg`One step back`]];

/** Keys inside the cells of the list, which are always the same. */
export const CELL_KEYS: [string, MessageDescriptor][] = [
  ["arrowright", msg`Go into the cells`], ["shift+arrowright", msg`Take more cells`], ["enter", msg`Edit the cell`], ["ctrl+c", msg`Copy the cells`],
  ["ctrl+v", msg`Paste a block`], ["ctrl+d", msg`Fill down`], ["delete", msg`Empty the cells`], ["escape", msg`Leave the cells`],
];

export type CommandId = (typeof COMMANDS)[number]["id"];

export const isCommand = (id: string): id is CommandId => COMMANDS.some((one) => one.id === id);

/** The desktop's menu: a menu a group, with all its commands. */
export const menus = () =>
  (Object.keys(GROUPS) as Group[]).map((group) => ({
    title: i18n._(GROUPS[group]),
    items: COMMANDS.filter((one) => one.group === group).map(({ id, title }) => ({ command: id, title: i18n._(title) })),
  }));

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
  const key = event.key.toLowerCase();
  const shift = event.shiftKey && event.key.length > 1 ? "shift+" : event.shiftKey && (event.ctrlKey || event.metaKey) ? "shift+" : "";
  return `${event.ctrlKey || event.metaKey ? "ctrl+" : ""}${shift}${key}`;
}

/** Whether keys go into a field just now. */
export function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

/** Whether a command may be given now. A question over the page is answered first; in a field undo takes back what is being typed there. */
export function mayRun(id: CommandId, target: EventTarget | null): boolean {
  return !document.querySelector("[aria-modal=true]") && !((id === "undo" || id === "redo") && isTyping(target));
}

const CAPS: Record<string, string> = { arrowright: "→", arrowleft: "←", arrowup: "↑", arrowdown: "↓", escape: "Esc" };

/** `Ctrl`, `K` */
export const keycaps = (keys: string) =>
  keys.split(/[+ ]/).map((part) => (part.length === 1 ? part.toUpperCase() : CAPS[part] ?? part.replace(/^./, (c) => c.toUpperCase())));
