import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useQueries } from "@tanstack/react-query";
import { ArrowDown, ArrowUp, Check } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { host, queries } from "../../api/cache";
import type { ContactRowView, ViewOpened } from "../../api/generated/commands";
import { type Arrangement, MIN_WIDTH, ROW_HEIGHT } from "../../components/arrangement";
import { useScaledRows } from "../../components/use-scaled-rows";
import { fieldLabel } from "../../text/words";
import { type Cell, isWithin } from "./cell-range";
import { CellInput, type Editing, useBlock } from "./cells";
import type { Column } from "./columns";

interface Props {
  view: ViewOpened;
  /** The first key, then the second. */
  sort: string[];
  onSort(sort: string[]): void;
  columns: Column[];
  arrangement: Arrangement;
  onArrange(arrangement: Arrangement): void;
  open: string | null;
  onOpen(id: string): void;
  /** Those that are selected; or, when all are, those that are not. */
  selected: ReadonlySet<string>;
  all: boolean;
  /** Says those that are selected from those that were: two keys may follow each other faster than the list is drawn. */
  onSelected(next: (was: ReadonlySet<string>) => ReadonlySet<string>): void;
  /** The list is asked for anew. */
  busy: boolean;
}

const BLOCK = 100;
const blockOf = (view: number, block: number) => ({
  queryKey: ["view_rows", view, block],
  queryFn: () => host.call("view_rows", { view, from: block * BLOCK, to: (block + 1) * BLOCK }),
});

/** `Email of Grace Hopper` */
const cellName = (column: string, name: string) => t`${column} of ${name}`;

/** 1 for the key towards the end of a line, -1 for the one towards its beginning. */
const sideways = (key: string) => {
  const turned = document.documentElement.dir === "rtl" ? -1 : 1;
  return key === "ArrowRight" ? turned : key === "ArrowLeft" ? -turned : 0;
};

/** A grid of any number of rows: one tab stop, arrows inside, rows fetched as they come into view. */
export function Grid({ view, sort, onSort, columns, arrangement, onArrange, open, onOpen, selected, all, onSelected, busy }: Props) {
  const rows = useScaledRows({ count: view.total, row: ROW_HEIGHT[arrangement.density] });
  const [dragged, setDragged] = useState<{ key: string; width: number } | null>(null);
  const [cursor, setCursor] = useState(0);
  const [cell, setCell] = useState<Cell | null>(null);
  const [editing, setEditing] = useState<Editing | null>(null);
  const anchor = useRef(0);
  const current = Math.min(cursor, Math.max(0, view.total - 1));
  const [firstBlock, lastBlock] = [Math.floor(rows.first / BLOCK), Math.floor(Math.max(rows.first, rows.end - 1) / BLOCK)];
  const wanted = Array.from({ length: lastBlock - firstBlock + 1 }, (_, i) => firstBlock + i);
  const blocks = useQueries({
    queries: wanted.map((block) => blockOf(view.view, block)),
  });
  // While the first rows of a new view are on their way, those of the old one stay in sight.
  const kept = useRef({ view: view.view, rows: new Map<number, ContactRowView | null>(), before: new Map<number, ContactRowView | null>() });
  if (kept.current.view !== view.view) kept.current = { view: view.view, rows: new Map(), before: kept.current.rows };
  blocks.forEach((block, i) => {
    const from = (wanted[i] ?? 0) * BLOCK;
    for (const [at, row] of block.data?.rows.entries() ?? []) kept.current.rows.set(from + at, row);
    if (block.data) kept.current.before.clear();
  });
  // The snapshot was dropped for newer ones: resolve the view again.
  const lost = blocks.some((block) => block.isError);
  useEffect(() => {
    if (lost) void queries.invalidateQueries({ queryKey: ["view_open"] });
  }, [lost]);
  const row = (index: number) => kept.current.rows.get(index) ?? null;
  const inSight = (index: number) => row(index) ?? kept.current.before.get(index) ?? null;
  /** What a key means, also when the row it stands on is still on its way. */
  const withRow = (index: number, then: (id: string) => void) => {
    const id = row(index)?.id;
    if (id) return then(id);
    const block = Math.floor(index / BLOCK);
    void queries.fetchQuery(blockOf(view.view, block)).then(({ rows }) => { const late = rows[index % BLOCK]?.id; if (late) then(late); }, () => {});
  };

  const move = (to: number, extend: boolean) => {
    const next = Math.max(0, Math.min(view.total - 1, to));
    setCursor(next);
    rows.reveal(next);
    if (!extend) anchor.current = next;
    else {
      const [from, end] = [Math.min(anchor.current, next), Math.max(anchor.current, next)];
      const ids = Array.from({ length: end - from + 1 }, (_, i) => row(from + i)?.id).filter((id) => id !== undefined);
      const taken = new Set(ids);
      onSelected((was) => (all ? new Set([...was].filter((id) => !taken.has(id))) : new Set([...was, ...ids])));
    }
    const id = row(next)?.id;
    if (open && id) onOpen(id);
  };
  const toggle = (id: string) =>
    onSelected((was) => {
      const next = new Set(was);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  const box = useRef<HTMLDivElement>(null);
  // A field that is scrolled out of sight is left as it was.
  const isLost = editing !== null && (editing.row < rows.first || editing.row >= rows.end);
  useEffect(() => { if (isLost) setEditing(null); }, [isLost]);
  const block = useBlock({ view: view.view, total: view.total, columns, cell, row: current });
  /** From a cell to another; with Shift the range grows to it. */
  const goTo = (toRow: number, toColumn: number, extend: boolean) => {
    if (!cell) return;
    const next = Math.max(0, Math.min(view.total - 1, toRow));
    const column = Math.max(0, Math.min(columns.length - 1, toColumn));
    setCursor(next);
    anchor.current = next;
    rows.reveal(next);
    setCell(extend ? { ...cell, column } : { column, fromRow: next, fromColumn: column });
    const id = row(next)?.id;
    if (open && id && !extend) onOpen(id);
  };
  /** Opens the field over a cell, with a first letter or with what the cell says. */
  const edit = (at: number, column: number, letter: string | null) => {
    const key = columns[column]?.key;
    if (key === undefined) return;
    // The list may be put in another order meanwhile: the cell is meant as it is seen now.
    const place = { view: view.view, row: at, column: key };
    if (letter !== null) setEditing({ ...place, text: letter });
    else void block.text(place).then((text) => setEditing({ ...place, text }));
  };
  const endEdit = (text: string | null, by: [number, number], back: boolean) => {
    if (editing && text !== null) block.type(editing, text);
    setEditing(null);
    if (back) box.current?.focus();
    if (cell && back) goTo(current + by[0], cell.column + by[1], false);
  };
  /** Keys inside the cells; whether one meant something there. */
  const onCellKey = (event: React.KeyboardEvent, { column }: Cell): boolean => {
    const shift = event.shiftKey;
    const side = sideways(event.key);
    if (event.ctrlKey || event.metaKey) {
      const key = event.key.toLowerCase();
      if (key === "c") block.copy();
      else if (key === "v") block.paste();
      else if (key === "d") block.fillDown();
      else return false;
      return true;
    }
    if (side < 0 && column === 0 && !shift) setCell(null);
    else if (side !== 0) goTo(current, column + side, shift);
    else if (event.key === "ArrowDown") goTo(current + 1, column, shift);
    else if (event.key === "ArrowUp") goTo(current - 1, column, shift);
    else if (event.key === "PageDown") goTo(current + rows.rowsInView - 1, column, shift);
    else if (event.key === "PageUp") goTo(current - rows.rowsInView + 1, column, shift);
    else if (event.key === "Home") goTo(0, column, shift);
    else if (event.key === "End") goTo(view.total - 1, column, shift);
    else if (event.key === "Escape") setCell(null);
    else if (event.key === "Enter" || event.key === "F2") edit(current, column, null);
    else if (event.key === "Delete" || event.key === "Backspace") block.clear();
    else if (event.key.length === 1 && event.key !== " ") edit(current, column, event.key);
    else return false;
    return true;
  };
  const onKey = (event: React.KeyboardEvent) => {
    const page = rows.rowsInView - 1;
    const shift = event.shiftKey;
    if (editing !== null || event.altKey) return;
    if (cell && onCellKey(event, cell)) {
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    if (event.ctrlKey || event.metaKey) return;
    if (!cell && sideways(event.key) > 0 && !shift) setCell({ column: 0, fromRow: current, fromColumn: 0 });
    else if (event.key === "ArrowDown" || event.key === "j") move(current + 1, shift);
    else if (event.key === "ArrowUp" || event.key === "k") move(current - 1, shift);
    else if (event.key === "PageDown") move(current + page, shift);
    else if (event.key === "PageUp") move(current - page, shift);
    else if (event.key === "Home") move(0, shift);
    else if (event.key === "End") move(view.total - 1, shift);
    else if (event.key === "Enter") withRow(current, onOpen);
    else if (event.key === " ") withRow(current, toggle);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  const keys = sort.map((one) => (one.startsWith("-") ? { key: one.slice(1), down: true } : { key: one, down: false }));
  /** A click sorts by the column; with Shift by it within the first. */
  const sortBy = (column: string, second: boolean) => {
    const known = keys.find((one) => one.key === column);
    const next = known && !known.down ? `-${column}` : column;
    const first = sort[0];
    onSort(second && first !== undefined && keys[0]?.key !== column ? [first, next] : [next]);
    rows.toTop();
  };
  const width = (column: Column) => (dragged?.key === column.key ? dragged.width : (arrangement.widths[column.key] ?? column.width));
  const resize = (column: Column, to: number) => onArrange({ ...arrangement, widths: { ...arrangement.widths, [column.key]: Math.max(MIN_WIDTH, Math.round(to)) } });
  const drag = (column: Column, event: React.PointerEvent<HTMLSpanElement>) => {
    event.preventDefault();
    const handle = event.currentTarget;
    const [from, before] = [event.clientX, handle.parentElement?.getBoundingClientRect().width ?? column.width];
    const turned = getComputedStyle(handle).direction === "rtl" ? -1 : 1;
    handle.setPointerCapture(event.pointerId);
    let last = before;
    handle.onpointermove = (move) => {
      last = Math.max(MIN_WIDTH, before + turned * (move.clientX - from));
      setDragged({ key: column.key, width: last });
    };
    handle.onpointerup = () => {
      handle.onpointermove = null;
      handle.onpointerup = null;
      setDragged(null);
      resize(column, last);
    };
  };
  // The name takes what the others leave, unless it was dragged too.
  const track = (column: Column) =>
    column.key === "name" && arrangement.widths.name === undefined && dragged?.key !== "name" ? `minmax(${column.width}px, 1fr)` : `${width(column)}px`;
  return (
    // One element has the focus; the row it stands on is told by aria-activedescendant.
    <div className={`gridbox ${cell ? "cells" : ""}`} role="grid" aria-label={t`Contacts`} aria-rowcount={view.total + 1} aria-colcount={columns.length + 1}
      aria-multiselectable="true" aria-busy={busy} tabIndex={0} aria-activedescendant={row(current) ? (cell ? `cell-${current}-${cell.column}` : `row-${current}`) : undefined} ref={box} onKeyDown={onKey}
      style={{ "--cols": `46px ${columns.map(track).join(" ")}`, "--row": `${ROW_HEIGHT[arrangement.density]}px`, "--least": `${46 + columns.reduce((sum, column) => sum + width(column), 0)}px` } as React.CSSProperties}>
      <div role="rowgroup">
        <div className="ghd" role="row" aria-rowindex={1}>
          <span className="c0" role="columnheader" aria-colindex={1}><span className="visually-hidden"><Trans>Selected</Trans></span></span>
          {columns.map((column, at) => {
            const place = keys.findIndex((one) => one.key === column.key);
            const sorted = keys[place];
            return (
              <span key={column.key} role="columnheader" aria-colindex={at + 2} className={`${column.end ? "r" : ""} ${sorted ? "sorted" : ""}`}
                aria-sort={sorted && place === 0 ? (sorted.down ? "descending" : "ascending") : undefined}>
                {column.key !== "tags" ? (
                  <button type="button" className="sortb" tabIndex={-1} title={t`Sort; with Shift within the first column`} onClick={(event) => sortBy(column.key, event.shiftKey)}>
                    <span className="ell">{column.label}</span> {sorted && (sorted.down ? <ArrowDown /> : <ArrowUp />)}{place === 1 && <span className="fnt">2</span>}
                  </button>
                ) : <span className="ell">{column.label}</span>}
                <span className="grip" aria-hidden onPointerDown={(event) => drag(column, event)} onDoubleClick={() => resize(column, column.width)} />
              </span>
            );
          })}
        </div>
      </div>
      <div className="gridscroll" ref={rows.ref} onScroll={rows.onScroll} role="rowgroup">
        <div className="sizer" style={{ height: rows.sizer }}>
          {Array.from({ length: rows.end - rows.first }, (_, i) => rows.first + i).map((index) => {
            const contact = inSight(index);
            const isSelected = contact !== null && selected.has(contact.id) !== all;
            return (
              <div key={index} id={`row-${index}`} role="row" aria-rowindex={index + 2} aria-selected={isSelected} tabIndex={-1}
                className={`gr ${isSelected ? "sel" : ""} ${contact && contact.id === open ? "cur" : ""} ${index === current ? "at" : ""}`}
                style={{ transform: `translateY(${rows.offset(index)}px)` }}
                onClick={() => { if (editing !== null) return; setCursor(index); anchor.current = index; if (contact && !cell) onOpen(contact.id); }}
                onKeyDown={() => {}}>
                {contact ? (
                  <>
                    <span className="c0" role="gridcell" aria-colindex={1}>
                      <span className={`check ${isSelected ? "on" : ""}`} aria-hidden
                        onClick={(event) => { event.stopPropagation(); setCursor(index); setCell(null); toggle(contact.id); }}>
                        {isSelected && <Check />}
                      </span>
                    </span>
                    {columns.map((column, at) => (
                      <span key={column.key} id={`cell-${index}-${at}`} role="gridcell" aria-colindex={at + 2} className={`${column.end ? "r" : ""} ${cell && isWithin(cell, current, index, at) ? "incell" : ""} ${cell && index === current && at === cell.column ? "atcell" : ""}`}
                        onClick={(event) => { if (!cell) return; setCell(event.shiftKey ? { ...cell, column: at } : { column: at, fromRow: index, fromColumn: at }); }}
                        onDoubleClick={() => { setCell({ column: at, fromRow: index, fromColumn: at }); setCursor(index); edit(index, at, null); }}>
                        {editing?.row === index && editing.column === column.key ? <CellInput label={cellName(column.label, contact.name)} begin={editing.text} onEnd={endEdit} /> : column.cell(contact)}
                      </span>
                    ))}
                  </>
                ) : (
                  columns.map((column) => <span key={column.key} role="gridcell" aria-label={fieldLabel(column.key)}><span className="sk" /></span>)
                )}
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}
