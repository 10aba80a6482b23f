import { Download, FileUp, Plus, Search, Sparkles, Trash2, Upload, X } from "lucide-react";
import { type RefObject, useDeferredValue, useEffect, useRef, useState } from "react";
import { host, useAction, useCommand } from "../../api/cache";
import type { SessionView } from "../../api/generated/commands";
import { sentence } from "../../api/host";
import type { CommandId } from "../../commands";
import { useToast } from "../../components/toast";
import { contacts, n } from "../../text/en";
import { Grid } from "./grid";
import { Panel } from "./panel";
import { QuickAdd } from "./quick-add";
import "./contacts.css";

interface Props {
  session: SessionView;
  commands: RefObject<Partial<Record<CommandId, () => void>>>;
  onImport(): void;
}

export function Contacts({ session, commands, onImport }: Props) {
  const [query, setQuery] = useState("");
  const [filter, setFilter] = useState<string | null>(null);
  const [sort, setSort] = useState("-last_seen");
  const [open, setOpen] = useState<string | null>(null);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [adding, setAdding] = useState(false);
  const search = useRef<HTMLInputElement>(null);
  const filterInput = useRef<HTMLInputElement>(null);
  const toast = useToast();
  const bin = useAction("contact_bin");
  const undo = useAction("history_undo");
  const sample = useAction("sample_load");
  const exportRun = useAction("export_run");

  const request = { query: useDeferredValue(query), filter: useDeferredValue(filter ?? ""), sort: [sort], inBin: false };
  const view = useCommand("view_open", request);
  const total = view.data?.total ?? 0;

  /** Undoes just this operation, whatever was done since. */
  const undoing = (operation: string | null) =>
    operation ? () => undo.mutate({ id: operation }, { onError: (error) => toast(sentence(error)) }) : undefined;
  const moveToBin = (ids: string[]) =>
    bin.mutate({ ids }, {
      onSuccess: ({ count, operation }) => {
        setSelected(new Set());
        if (open && ids.includes(open)) setOpen(null);
        toast(`Moved ${contacts(count)} to the bin`, undoing(operation));
      },
      onError: (error) => toast(sentence(error)),
    });
  const save = async () => {
    const file = await host.chooseTarget("contacts.csv");
    if (!file) return;
    exportRun.mutate({ file, complete: true, spreadsheet: true, view: view.data?.view ?? null }, {
      onSuccess: (report) => toast(`Exported ${contacts(report.contacts)} to ${report.file}`),
      onError: (error) => toast(sentence(error)),
    });
  };

  const chosen = selected.size > 0 ? [...selected] : open ? [open] : [];
  commands.current = {
    search: () => search.current?.focus(),
    filter: () => { setFilter((text) => text ?? ""); requestAnimationFrame(() => filterInput.current?.focus()); },
    new: () => setAdding(true),
    export: () => void save(),
    edit: () => document.querySelector<HTMLElement>(".panel .fedit")?.click(),
    next: () => document.querySelector<HTMLElement>("[role=grid]")?.focus(),
    previous: () => document.querySelector<HTMLElement>("[role=grid]")?.focus(),
    ...(chosen.length > 0 && { bin: () => moveToBin(chosen) }),
  };
  useEffect(() => () => { commands.current = {}; }, [commands]);
  useEffect(() => {
    // One step back: the selection first, then the panel.
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("[role=dialog]")) return;
      if (selected.size > 0) setSelected(new Set());
      else setOpen(null);
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [selected]);
  useEffect(() => {
    const onOpen = (event: Event) => setOpen((event as CustomEvent<string>).detail);
    window.addEventListener("cardfile:open", onOpen);
    return () => window.removeEventListener("cardfile:open", onOpen);
  }, []);

  const isEmpty = session.contacts === 0 && !query && !filter;
  return (
    <div className="split">
      <main className="main">
        <div className="head">
          <h1>Contacts</h1>
          <span className="mut num">{isEmpty ? "empty" : ""}</span>
          <span className="sp" />
          <button type="button" className="btn" onClick={onImport}><Download /> Import</button>
          <button type="button" className="btn" onClick={() => void save()} disabled={isEmpty}><Upload /> Export</button>
          <button type="button" className={`btn ${isEmpty ? "" : "pri"}`} onClick={() => setAdding(true)}>
            <Plus /> New contact <span className="kbd">N</span>
          </button>
        </div>
        {isEmpty ? (
          <Doors onImport={onImport} loading={sample.isPending} onSample={() =>
            sample.mutate({}, { onSuccess: ({ count, operation }) => toast(`Loaded ${contacts(count)} who do not exist`, undoing(operation)) })} />
        ) : (
          <>
            <div className="bar">
              <label className="inp soft searchbox">
                <Search />
                <input ref={search} value={query} placeholder={`Search ${n(session.contacts)}`} aria-label="Search contacts"
                  onChange={(e) => setQuery(e.target.value)}
                  onKeyDown={(e) => {
                    if (e.key === "Escape") { setQuery(""); e.currentTarget.blur(); }
                    if (e.key === "ArrowDown" || e.key === "Enter") document.querySelector<HTMLElement>("[role=grid]")?.focus();
                  }} />
                <span className="kbd">/</span>
              </label>
              {filter === null ? (
                <button type="button" className="btn gh sm" onClick={commands.current.filter}><Plus /> Filter</button>
              ) : (
                <label className={`inp soft filterbox ${view.error ? "err" : ""}`}>
                  <input ref={filterInput} className="mono" value={filter} aria-label="Filter" spellCheck={false}
                    placeholder="source:widget,api seen:<30d (stage:qualified or tag:vip)"
                    onChange={(e) => setFilter(e.target.value)}
                    onKeyDown={(e) => e.key === "Escape" && setFilter(null)} />
                  <button type="button" className="btn gh ic sm" aria-label="Remove the filter" onClick={() => setFilter(null)}><X /></button>
                </label>
              )}
              <span className={`ell sp t12 ${view.error ? "bad" : "mut"}`} role="status">
                {view.error ? sentence(view.error) : filter ? view.data?.sentence : ""}
              </span>
              <span className="mut num nw">{view.data ? contacts(total) : ""}</span>
            </div>
            {view.data && total === 0 ? (
              <div className="empty">
                <Search />
                <p className="t14">Nobody matches.</p>
                <button type="button" className="btn" onClick={() => { setQuery(""); setFilter(null); }}>Show everybody</button>
              </div>
            ) : view.data ? (
              <Grid view={view.data} sort={sort} onSort={setSort} open={open} onOpen={setOpen}
                selected={selected} onSelected={setSelected} />
            ) : (
              <div className="empty" aria-busy="true"><p className="mut">Reading</p></div>
            )}
            {selected.size > 0 && (
              <div className="float" role="toolbar" aria-label={`${selected.size} selected`}>
                <span className="w5 num nw" style={{ padding: "0 4px" }}>{n(selected.size)} selected</span>
                <span className="vr" />
                <button type="button" className="btn gh dgr" onClick={() => moveToBin([...selected])}><Trash2 /> Move to bin</button>
                <span className="vr" />
                <button type="button" className="btn gh ic" aria-label="Clear the selection" onClick={() => setSelected(new Set())}><X /></button>
              </div>
            )}
          </>
        )}
      </main>
      {open && !isEmpty && <Panel id={open} onClose={() => setOpen(null)} onBin={() => moveToBin([open])} undoing={undoing} />}
      {adding && <QuickAdd onClose={() => setAdding(false)} onMade={({ id, operation }) => { setAdding(false); setOpen(id); toast("Contact made", undoing(operation)); }} onShow={(id) => { setAdding(false); setOpen(id); }} />}
    </div>
  );
}

function Doors({ onImport, onSample, loading }: { onImport(): void; onSample(): void; loading: boolean }) {
  return (
    <div className="doorsheet">
      <h2 className="t28">Everyone you do business with, on this computer</h2>
      <p className="t14 mut">No account and no network needed. Every step shows what it will do first and can be undone.</p>
      <div className="doors">
        <section className="door first">
          <span className="di"><FileUp /></span>
          <h3 className="t16">Drop a file</h3>
          <p className="mut">From Google, Outlook, HubSpot, Salesforce, LinkedIn, Mailchimp or a spreadsheet. Any size.</p>
          <p className="row g4 kinds"><span className="bdg">CSV</span><span className="bdg">TSV</span></p>
          <button type="button" className="btn pri lg" onClick={onImport}>Choose a file</button>
        </section>
        <section className="door">
          <span className="di warm"><Sparkles /></span>
          <h3 className="t16">Look around first</h3>
          <p className="mut">500 made-up people in many languages to try things on. One undo removes them.</p>
          <button type="button" className="btn lg" onClick={onSample} disabled={loading}>Load sample data</button>
        </section>
      </div>
    </div>
  );
}
