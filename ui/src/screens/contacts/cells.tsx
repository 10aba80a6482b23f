import { plural, t } from "@lingui/core/macro";
import { useEffect, useRef, useState } from "react";
import { host, useAction } from "../../api/cache";
import { sentence } from "../../api/host";
import { useToast } from "../../components/toast";
import { fieldLabel, n } from "../../text/words";
import { between, type Cell, quoted } from "./cell-range";
import type { Column } from "./columns";
import { worded } from "../../text/worded";

/** A cell whose text is being typed: of the list as it was when that began. */
export interface Editing {
  view: number;
  row: number;
  column: string;
  text: string;
}

type Place = Omit<Editing, "text">;

interface Props {
  view: number;
  total: number;
  columns: Column[];
  cell: Cell | null;
  /** The row of the cursor. */
  row: number;
}

const copied = (amount: number) => plural(amount, { one: `Copied ${n(amount)} cell`, other: `Copied ${n(amount)} cells` });
const and = (said: string, more: string) => (more ? t`${said}. ${more}` : said);
/** How many cells were not taken, and which is the first of them. */
function notTaken(refused: number, at: number, column: string, text: string, reason: string): string {
  const [row, field] = [n(at), fieldLabel(column)];
  const where = text ? t`row ${row}, ${field} “${text}”` : column ? t`row ${row}, ${field}` : t`row ${row}`;
  return plural(refused, { one: `${n(refused)} cell was not taken: ${where}, ${reason}`, other: `${n(refused)} cells were not taken: ${where}, ${reason}` });
}

/** What is done with the cells of a range; each deed is one step back. */
export function useBlock({ view, total, columns, cell, row }: Props) {
  const paste = useAction("cells_paste");
  const undo = useAction("history_undo");
  const toast = useToast();
  const fail = (error: unknown) => toast(sentence(error));
  const [from, to] = cell ? between(cell.fromRow, row) : [row, row];
  const [first, last] = cell ? between(cell.fromColumn, cell.column) : [0, 0];
  const keys = columns.slice(first, last + 1).map(({ key }) => key);
  const put = (range: { view?: number; from: number; to: number; columns: string[] }, text: string, left = "") =>
    paste.mutate({ view, ...range, text }, {
      onSuccess: ({ changed, refused, first: named, operation }) => {
        // What was typed stood there already.
        if (changed === 0 && refused === 0) return;
        const one = named[0];
        const done = plural(changed, { one: `${n(changed)} contact changed`, other: `${n(changed)} contacts changed` });
        toast(and(and(done, left), one ? notTaken(refused, one[0], one[1], one[2], worded(one[3])) : ""), operation ? () => undo.mutate({ id: operation }, { onError: fail }) : undefined);
      },
      onError: fail,
    });
  const read = (range: { view?: number; from: number; to: number; columns: string[] }) => host.call("cells_copy", { view, ...range }).then(({ text }) => text);
  const rangeOf = ({ view: of, row: at, column }: Place) => ({ view: of, from: at, to: at + 1, columns: [column] });
  return {
    /** The text of a cell. */
    text: (place: Place) => read(rangeOf(place)).then((text) => unquoted(text.replace(/\n$/, "")), (error) => { fail(error); return ""; }),
    type: (place: Place, text: string) => put(rangeOf(place), quoted(text)),
    clear: () => put({ from, to: to + 1, columns: keys }, ""),
    copy: () => void read({ from, to: to + 1, columns: keys }).then((text) => host.writeText(text)).then(() => toast(copied((to - from + 1) * keys.length)), fail),
    paste: () => void host.readText().then(async (text) => {
      if (text === "") return toast(t`There is no text on the clipboard`);
      const size = await host.call("cells_size", { text });
      // Into one cell a block goes as large as it is; into a range it goes as large as that.
      const single = from === to && first === last;
      const end = single ? Math.min(total, from + size.rows) : to + 1;
      const wide = single ? columns.slice(first, first + size.columns).map(({ key }) => key) : keys;
      const lost = single ? size.rows - (end - from) + (size.columns - wide.length) : 0;
      put({ from, to: end, columns: wide }, text, lost > 0 ? plural(lost, { one: `${n(lost)} row or column of it lies outside the list`, other: `${n(lost)} rows or columns of it lie outside the list` }) : "");
    }).catch(fail),
    fillDown: () => {
      // Of a single row: what stands above it.
      const source = from === to ? from - 1 : from;
      if (source < 0) return;
      void read({ from: source, to: source + 1, columns: keys }).then((text) => put({ from: source + 1, to: to + 1, columns: keys }, text), fail);
    },
  };
}

const unquoted = (text: string) => (text.startsWith('"') ? text.slice(1, -1).replaceAll('""', '"') : text);

/** The field over a cell. Enter goes on below, Tab beside, Esc leaves it as it was. */
export function CellInput({ label, begin, onEnd }: { label: string; begin: string; onEnd(text: string | null, by: [number, number], back: boolean): void }) {
  const [text, setText] = useState(begin);
  const field = useRef<HTMLInputElement & HTMLTextAreaElement>(null);
  // An input would join its lines.
  const Input = begin.includes("\n") ? "textarea" : "input";
  const ended = useRef(false);
  useEffect(() => field.current?.focus(), []);
  const end = (value: string | null, by: [number, number], back = true) => {
    if (ended.current) return;
    ended.current = true;
    onEnd(value, by, back);
  };
  const onKey = (event: React.KeyboardEvent) => {
    event.stopPropagation();
    if (event.key === "Enter") end(text, [event.shiftKey ? -1 : 1, 0]);
    else if (event.key === "Tab") end(text, [0, event.shiftKey ? -1 : 1]);
    else if (event.key === "Escape") end(null, [0, 0]);
    else return;
    event.preventDefault();
  };
  return <Input ref={field} className="cellin" aria-label={label} value={text} onChange={(event) => setText(event.target.value)} onKeyDown={onKey} onBlur={() => end(text, [0, 0], false)} onClick={(event) => event.stopPropagation()} onDoubleClick={(event) => event.stopPropagation()} />;
}
