import { useQueries } from "@tanstack/react-query";
import { ArrowDown, ArrowUp, Check } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { host, queries } from "../../api/cache";
import type { ContactRowView, ViewOpened } from "../../api/generated/commands";
import { Avatar, hue } from "../../components/avatar";
import { useScaledRows } from "../../components/use-scaled-rows";
import { ago, fieldLabel } from "../../text/en";

interface Props {
  view: ViewOpened;
  sort: string;
  onSort(sort: string): void;
  open: string | null;
  onOpen(id: string): void;
  selected: ReadonlySet<string>;
  onSelected(ids: ReadonlySet<string>): void;
}

interface Column {
  key: string;
  label: string;
  width: string;
  end?: boolean;
  /** Shown only where the list is at least this wide. */
  from?: number;
  cell(row: ContactRowView): React.ReactNode;
}

const ROW = 36;
const BLOCK = 100;
const COLUMNS: Column[] = [
  { key: "name", label: "Name", width: "minmax(180px, 1.3fr)", cell: (row) => (
    <span className="row namecell"><Avatar name={row.name} organization={row.kind === "organization"} /><bdi className="nm ell">{row.name}</bdi></span>
  ) },
  { key: "email", label: "Email", width: "minmax(160px, 1.3fr)", cell: (row) => <bdi>{row.email}</bdi> },
  { key: "phone", label: "Phone", width: "minmax(130px, .9fr)", cell: (row) => <bdi className="num ltr">{row.phone}</bdi> },
  { key: "company", label: "Company", width: "minmax(110px, .9fr)", from: 900, cell: (row) => <bdi>{row.company}</bdi> },
  { key: "tags", label: "Tags", width: "minmax(100px, .8fr)", from: 1040, cell: (row) => row.tags.map((tag) => (
    <span key={tag} className="tag" style={{ "--h": hue(tag) } as React.CSSProperties}>{tag}</span>
  )) },
  { key: "source", label: "Source", width: "92px", cell: (row) => <span className="mut">{row.source}</span> },
  { key: "last_seen", label: "Seen", width: "104px", end: true, cell: (row) => <span className="mut num">{ago(row.lastSeen)}</span> },
  { key: "conversation_count", label: "Chats", width: "72px", end: true, cell: (row) => <span className="mut num">{row.conversationCount || ""}</span> },
];

/** A grid of any number of rows: one tab stop, arrows inside, rows fetched as they come into view. */
export function Grid({ view, sort, onSort, open, onOpen, selected, onSelected }: Props) {
  const rows = useScaledRows({ count: view.total, row: ROW });
  const columns = COLUMNS.filter((column) => rows.width >= (column.from ?? 0));
  const [cursor, setCursor] = useState(0);
  const anchor = useRef(0);
  const current = Math.min(cursor, Math.max(0, view.total - 1));
  const [firstBlock, lastBlock] = [Math.floor(rows.first / BLOCK), Math.floor(Math.max(rows.first, rows.end - 1) / BLOCK)];
  const wanted = Array.from({ length: lastBlock - firstBlock + 1 }, (_, i) => firstBlock + i);
  const blocks = useQueries({
    queries: wanted.map((block) => ({
      queryKey: ["view_rows", view.view, block],
      queryFn: () => host.call("view_rows", { view: view.view, from: block * BLOCK, to: (block + 1) * BLOCK }),
    })),
  });
  // While a new view is on its way its rows are not there yet: the old ones stay.
  const kept = useRef(new Map<number, ContactRowView | null>());
  blocks.forEach((block, i) => {
    const from = (wanted[i] ?? 0) * BLOCK;
    for (const [at, row] of block.data?.rows.entries() ?? []) kept.current.set(from + at, row);
  });
  // The snapshot was dropped for newer ones: resolve the view again.
  const lost = blocks.some((block) => block.isError);
  useEffect(() => {
    if (lost) void queries.invalidateQueries({ queryKey: ["view_open"] });
  }, [lost]);
  const number = useRef(view.view);
  useEffect(() => {
    if (number.current === view.view) return;
    number.current = view.view;
    kept.current.clear();
  }, [view.view]);
  const row = (index: number) => kept.current.get(index) ?? null;

  const move = (to: number, extend: boolean) => {
    const next = Math.max(0, Math.min(view.total - 1, to));
    setCursor(next);
    rows.reveal(next);
    if (!extend) anchor.current = next;
    else {
      const [from, end] = [Math.min(anchor.current, next), Math.max(anchor.current, next)];
      const ids = Array.from({ length: end - from + 1 }, (_, i) => row(from + i)?.id).filter((id) => id !== undefined);
      onSelected(new Set([...selected, ...ids]));
    }
    const id = row(next)?.id;
    if (open && id) onOpen(id);
  };
  const toggle = (id: string | undefined) => {
    if (!id) return;
    const next = new Set(selected);
    if (!next.delete(id)) next.add(id);
    onSelected(next);
  };
  const onKey = (event: React.KeyboardEvent) => {
    const page = rows.rowsInView - 1;
    const shift = event.shiftKey;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "ArrowDown" || event.key === "j") move(current + 1, shift);
    else if (event.key === "ArrowUp" || event.key === "k") move(current - 1, shift);
    else if (event.key === "PageDown") move(current + page, shift);
    else if (event.key === "PageUp") move(current - page, shift);
    else if (event.key === "Home") move(0, shift);
    else if (event.key === "End") move(view.total - 1, shift);
    else if (event.key === "Enter") { const id = row(current)?.id; if (id) onOpen(id); }
    else if (event.key === " ") toggle(row(current)?.id);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  const [key, down] = sort.startsWith("-") ? [sort.slice(1), true] : [sort, false];
  return (
    // One element has the focus; the row it stands on is told by aria-activedescendant.
    <div className="gridbox" role="grid" aria-label="Contacts" aria-rowcount={view.total + 1} aria-colcount={columns.length + 1}
      aria-multiselectable="true" tabIndex={0} aria-activedescendant={row(current) ? `row-${current}` : undefined} onKeyDown={onKey}
      style={{ "--cols": `46px ${columns.map((column) => column.width).join(" ")}` } as React.CSSProperties}>
      <div role="rowgroup">
        <div className="ghd" role="row" aria-rowindex={1}>
          <span className="c0" role="columnheader" aria-colindex={1}><span className="visually-hidden">Selected</span></span>
          {columns.map((column, at) => {
            const sorted = key === column.key;
            const sortable = column.key !== "tags";
            return (
              <span key={column.key} role="columnheader" aria-colindex={at + 2} className={`${column.end ? "r" : ""} ${sorted ? "sorted" : ""}`}
                aria-sort={sorted ? (down ? "descending" : "ascending") : undefined}>
                {sortable ? (
                  <button type="button" className="sortb" tabIndex={-1} onClick={() => { onSort(sorted && !down ? `-${column.key}` : column.key); rows.toTop(); }}>
                    {column.label} {sorted && (down ? <ArrowDown /> : <ArrowUp />)}
                  </button>
                ) : column.label}
              </span>
            );
          })}
        </div>
      </div>
      <div className="gridscroll" ref={rows.ref} onScroll={rows.onScroll} role="rowgroup">
        <div className="sizer" style={{ height: rows.sizer }}>
          {Array.from({ length: rows.end - rows.first }, (_, i) => rows.first + i).map((index) => {
            const contact = row(index);
            const isSelected = contact !== null && selected.has(contact.id);
            return (
              <div key={index} id={`row-${index}`} role="row" aria-rowindex={index + 2} aria-selected={isSelected} tabIndex={-1}
                className={`gr ${isSelected ? "sel" : ""} ${contact && contact.id === open ? "cur" : ""} ${index === current ? "at" : ""}`}
                style={{ transform: `translateY(${rows.offset(index)}px)` }}
                onClick={() => { setCursor(index); anchor.current = index; if (contact) onOpen(contact.id); }}
                onKeyDown={() => {}}>
                {contact ? (
                  <>
                    <span className="c0" role="gridcell" aria-colindex={1}>
                      <span className={`check ${isSelected ? "on" : ""}`} aria-hidden
                        onClick={(event) => { event.stopPropagation(); setCursor(index); toggle(contact.id); }}>
                        {isSelected && <Check />}
                      </span>
                    </span>
                    {columns.map((column, at) => (
                      <span key={column.key} role="gridcell" aria-colindex={at + 2} className={`${column.end ? "r" : ""} ${column.key === "tags" ? "tagcell" : ""}`}>
                        {column.cell(contact)}
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
