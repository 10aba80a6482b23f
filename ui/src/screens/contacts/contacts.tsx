import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Archive, ArchiveRestore, ChevronRight, Download, FileUp, Merge, NotebookText, Plus, Search, Sparkles, Tag as TagIcon, Trash2, Upload, X } from "lucide-react";
import { type ReactNode, type RefObject, useDeferredValue, useEffect, useId, useRef, useState } from "react";
import { useAction, useCommand } from "../../api/cache";
import type { BulkDeed, SegmentParts, SessionView } from "../../api/generated/commands";
import { sentence } from "../../api/host";
import type { CommandId } from "../../commands";
import { type Arrangement, arrangementOf } from "../../components/arrangement";
import { Kbd } from "../../components/kbd";
import { Popover } from "../../components/popover";
import { SegmentDialog } from "../../components/segment-dialog";
import { useToast } from "../../components/toast";
import { contacts, fieldLabel, loaded, n } from "../../text/words";
import { ARCHIVE, type Begin, type Shown, VISITORS } from "../../places";
import { allColumns, Chooser } from "./columns";
import { FilterBar } from "../../components/filter-bar";
import { Grid } from "./grid";
import { Panel } from "./panel";
import { QuickAdd } from "./quick-add";
import { worded } from "../../text/worded";
import "./contacts.css";

interface Props {
  session: SessionView;
  begin: Begin;
  commands: RefObject<Partial<Record<CommandId, () => void>>>;
  /** The list, for the other places. */
  shown: RefObject<Shown>;
  onImport(): void;
  onExport(): void;
  /** Compares two cards to make one of them. */
  onMerge(ids: string[]): void;
  /** Shows a saved view; nothing shows everybody. */
  onSegment(id: string | null): void;
}

export function Contacts({ session, begin, commands, shown, onImport, onExport, onMerge, onSegment }: Props) {
  const segments = useCommand("segment_list", {});
  const segment = segments.data?.segments.find(({ id }) => id === begin.segment?.id);
  const [query, setQuery] = useState(begin.segment?.query ?? "");
  const [filter, setFilter] = useState<string | null>((begin.segment?.filter || begin.filter) ?? null);
  const [sort, setSort] = useState<string[]>(begin.segment && begin.segment.sort.length > 0 ? begin.segment.sort : ["-last_seen"]);
  const [inTexts, setInTexts] = useState(false);
  const [naming, setNaming] = useState<SegmentParts | null>(null);
  const [open, setOpen] = useState<string | null>(begin.open ?? null);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  /** Everything in this view is selected, but for `selected`; the view's number. */
  const [allOf, setAllOf] = useState<number | null>(null);
  const [adding, setAdding] = useState(false);
  const [wide, setWide] = useState(begin.open !== undefined);
  const search = useRef<HTMLInputElement>(null);
  const [filtering, setFiltering] = useState(false);
  const toast = useToast();
  const bin = useAction("contact_bin");
  const undo = useAction("history_undo");
  const sample = useAction("sample_load");

  const request = { query: useDeferredValue(query), filter: useDeferredValue(filter ?? ""), sort, inBin: false, inTexts, ...(begin.segment && { segment: begin.segment.id }) };
  const view = useCommand("view_open", request);
  // A filter that is half typed leaves the list as it was.
  const good = useRef(view.data);
  if (view.data) good.current = view.data;
  const listed = view.data ?? (view.error ? good.current : undefined);
  const total = listed?.total ?? 0;
  const list = useCommand("setting_get", { key: "list" });
  const setSetting = useAction("setting_set");
  const facets = useCommand("facets_get", {});
  // What was just arranged, until it is read back.
  const [arranged, setArranged] = useState<Arrangement | null>(null);
  // A saved view has columns of its own.
  const own = begin.segment && begin.segment.columns.length > 0 ? { columns: begin.segment.columns, density: begin.segment.density } : {};
  const arrangement = arranged ?? arrangementOf({ ...arrangementOf(list.data?.value), ...own });
  const arrange = (value: Arrangement) => {
    setArranged(value);
    if (!begin.segment) setSetting.mutate({ key: "list", value }, { onError: (error) => toast(sentence(error)) });
  };
  const all = allColumns(facets.data?.customFields ?? []);
  const columns = arrangement.columns.map((key) => all.find((column) => column.key === key)).filter((column) => column !== undefined);
  const isAll = allOf !== null && allOf === view.data?.view;
  const amount = isAll ? total - selected.size : selected.size;
  const clearSelection = () => { setSelected(new Set()); setAllOf(null); };
  const bulk = useAction("bulk_run");
  const doToAll = (deed: BulkDeed, said: (amount: number) => string) =>
    bulk.mutate({ ids: [...selected], view: isAll ? allOf : null, deed }, {
      onSuccess: ({ changed, unchanged, operation }) => {
        clearSelection();
        const done = said(changed);
        toast(unchanged > 0 ? plural(unchanged, { one: `${done}, ${n(unchanged)} was so already`, other: `${done}, ${n(unchanged)} were so already` }) : done, undoing(operation));
      },
      onError: (error) => toast(sentence(error)),
    });
  shown.current = { query, inTexts, filter: filter ?? "", sort: request.sort, selected: isAll ? [] : [...selected], except: isAll ? [...selected] : [], ...(begin.segment && { segment: begin.segment.id }) };

  /** Undoes just this operation, whatever was done since. */
  const undoing = (operation: string | null) =>
    operation ? () => undo.mutate({ id: operation }, { onError: (error) => toast(sentence(error)) }) : undefined;
  const moveToBin = (ids: string[]) =>
    bin.mutate({ ids }, {
      onSuccess: ({ count, operation }) => {
        setSelected(new Set());
        if (open && ids.includes(open)) setOpen(null);
        toast(binned(count), undoing(operation));
      },
      onError: (error) => toast(sentence(error)),
    });
  const chosen = selected.size > 0 ? [...selected] : open ? [open] : [];
  const mine = {
    search: () => search.current?.focus(),
    filter: () => setFiltering(true),
    new: () => setAdding(true),
    save: () => setNaming(draft),
    export: onExport,
    edit: () => document.querySelector<HTMLElement>(".panel .fedit")?.click(),
    next: () => document.querySelector<HTMLElement>("[role=grid]")?.focus(),
    previous: () => document.querySelector<HTMLElement>("[role=grid]")?.focus(),
    ...(isAll ? { bin: () => doToAll({ kind: "bin" }, binned) } : chosen.length > 0 && { bin: () => moveToBin(chosen) }),
  };
  // After it is drawn: a list that takes another's place comes after that one is gone.
  useEffect(() => { commands.current = mine; });
  useEffect(() => () => { commands.current = {}; }, [commands]);
  useEffect(() => {
    // One step back: the selection first, then the panel.
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("[role=dialog]")) return;
      if (amount > 0) clearSelection();
      else if (wide) setWide(false);
      else setOpen(null);
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [amount, wide]);
  useEffect(() => {
    const onOpen = (event: Event) => setOpen((event as CustomEvent<string>).detail);
    window.addEventListener("cardfile:open", onOpen);
    return () => window.removeEventListener("cardfile:open", onOpen);
  }, []);

  const draft: SegmentParts = { id: "", name: "", purpose: "", owner: "", reviewedAt: null, filter: filter ?? "", query, sort, columns: arrangement.columns, density: arrangement.density };
  const changed = segment && (segment.filter !== (view.data?.filter || draft.filter) || segment.query !== query || segment.sort.join() !== sort.join() || segment.columns.join() !== draft.columns.join() || segment.density !== draft.density);
  const put = useAction("segment_put");
  const update = () => segment && put.mutate({ ...segment, ...draft, id: segment.id, name: segment.name, purpose: segment.purpose, owner: segment.owner, reviewedAt: segment.reviewedAt }, { onSuccess: ({ operation }) => toast(saved(segment.name), undoing(operation)), onError: (error) => toast(sentence(error)) });

  /** Fields that may say the same for many. */
  const settable: [string, string][] = [...["company", "job_title", "department", "tier", "description", "preferences"].map((key): [string, string] => [key, fieldLabel(key)]), ...(facets.data?.customFields ?? []).map(({ key, label }): [string, string] => [`custom.${key}`, label])];
  const inArchive = (filter ?? "").includes(ARCHIVE);
  const isEmpty = session.contacts + session.archived === 0 && !query && !filter;
  return (
    <div className={`split ${wide && open ? "one" : ""}`}>
      <main className="main">
        <div className="head">
          {segment ? <><button type="button" className="linkb crumb" onClick={() => onSegment(null)}><Trans>Contacts</Trans> <ChevronRight className="flip" /></button><h1 className="ell">{segment.name}</h1>
            {changed && <span className="dotn s6" role="img" aria-label={t`Changed since it was saved`} />}
            {segment.stale && <span className="bdg warn"><Trans>To be reviewed</Trans></span>}
            {changed && <button type="button" className="btn sm" onClick={update}><Trans>Save view</Trans></button>}
            <button type="button" className="btn sm gh" onClick={() => setNaming(segment)}><Trans>About this view</Trans></button></> : <h1>{inArchive ? t`Archive` : (filter ?? "").includes(VISITORS) ? t`Visitors` : t`Contacts`}</h1>}
          <span className="mut num">{isEmpty ? t({ message: "empty", context: "list" }) : ""}</span>
          <span className="sp" />
          <button type="button" className="btn" onClick={onImport}><Download /> <Trans>Import</Trans></button>
          <button type="button" className="btn" onClick={onExport} disabled={isEmpty}><Upload /> <Trans>Export</Trans></button>
          <button type="button" className={`btn ${isEmpty ? "" : "pri"}`} onClick={() => setAdding(true)}>
            <Plus /> <Trans>New contact</Trans> <Kbd of="new" />
          </button>
        </div>
        {isEmpty ? (
          <Doors onImport={onImport} loading={sample.isPending} onSample={() =>
            sample.mutate({}, { onSuccess: ({ count, operation }) => toast(loaded(count), undoing(operation)) })} />
        ) : (
          <>
            <div className="bar">
              <label className="inp soft searchbox">
                <Search />
                <input ref={search} value={query} placeholder={t`Search ${n(session.contacts)}`} aria-label={t`Search contacts`}
                  onChange={(e) => setQuery(e.target.value)}
                  onKeyDown={(e) => {
                    if (e.key === "Escape") { setQuery(""); e.currentTarget.blur(); }
                    if (e.key === "ArrowDown" || e.key === "Enter") document.querySelector<HTMLElement>("[role=grid]")?.focus();
                  }} />
                <Kbd of="search" />
              </label>
              {query && <button type="button" className={`btn sm ${inTexts ? "on" : "gh"}`} aria-pressed={inTexts} title={t`Search notes, memories and messages too`} onClick={() => setInTexts(!inTexts)}><NotebookText /> <Trans>Notes too</Trans></button>}
              <FilterBar text={filter ?? ""} onText={(text) => setFilter(text || null)} facets={facets.data} view={view.data} failure={view.error ? sentence(view.error) : null}
                open={filtering} onOpen={setFiltering} query={query} onSave={() => setNaming(draft)} />
              <span className={`ell sp t12 ${view.error ? "bad" : "mut"}`} role="status">
                {view.error ? sentence(view.error) : filter && !filtering ? view.data && worded(view.data.sentence) : ""}
              </span>
              <span className="mut num nw">{view.data ? (view.data.isFirstPage ? t`Reading all of them` : contacts(total)) : ""}</span>
              <Chooser all={all} value={arrangement} onChange={arrange} />
            </div>
            {listed && total === 0 ? (
              <div className="empty">
                <Search />
                <p className="t14"><Trans>Nobody matches.</Trans></p>
                <button type="button" className="btn" onClick={() => { setQuery(""); setFilter(null); }}><Trans>Show everybody</Trans></button>
              </div>
            ) : listed ? (
              <Grid view={listed} sort={sort} onSort={setSort} columns={columns} arrangement={arrangement} onArrange={arrange} open={open} onOpen={setOpen}
                selected={selected} all={isAll} onSelected={setSelected} busy={view.isFetching} />
            ) : (
              view.error ? <div className="empty"><p className="bad">{sentence(view.error)}</p><button type="button" className="btn" onClick={() => setFilter(null)}><Trans>Clear the filter</Trans></button></div> : <div className="empty" aria-busy="true"><p className="mut"><Trans>Reading</Trans></p></div>
            )}
            {amount > 0 && view.data && (
              <div className="float" role="toolbar" aria-label={chosenOf(amount)}>
                <span className="w5 num nw" style={{ padding: "0 4px" }}>{chosenOf(amount)}</span>
                {amount < total && <button type="button" className="btn gh" onClick={() => { setSelected(new Set()); setAllOf(view.data?.view ?? null); }}><Trans>Select all {n(total)}</Trans></button>}
                <span className="vr" />
                <Asked icon={<TagIcon />} label={t({ message: "Tag", context: "verb" })} title={t`Tag them`} field={t`Tag`} busy={bulk.isPending} choices={(facets.data?.tags ?? []).map(({ value }) => value)} onDo={(tag) => doToAll({ kind: "tag", tag }, (m) => plural(m, { one: `Tagged ${n(m)} contact`, other: `Tagged ${n(m)} contacts` }))} />
                <Asked label={t`Untag`} title={t`Take a tag away`} field={t`Tag to take away`} busy={bulk.isPending} choices={(facets.data?.tags ?? []).map(({ value }) => value)} onDo={(tag) => doToAll({ kind: "untag", tag }, (m) => plural(m, { one: `Untagged ${n(m)} contact`, other: `Untagged ${n(m)} contacts` }))} />
                <Asked label={t`Stage`} title={t`Set the stage`} field={t`Stage`} busy={bulk.isPending} choices={(facets.data?.stages ?? []).map(({ value }) => value)} onDo={(value) => doToAll({ kind: "set", field: "stage", value }, (m) => plural(m, { one: `Stage set for ${n(m)} contact`, other: `Stage set for ${n(m)} contacts` }))} />
                <button type="button" className="btn gh" disabled={bulk.isPending} onClick={() => doToAll({ kind: inArchive ? "unarchive" : "archive" }, (m) => inArchive ? plural(m, { one: `${n(m)} contact back in the list`, other: `${n(m)} contacts back in the list` }) : plural(m, { one: `Archived ${n(m)} contact`, other: `Archived ${n(m)} contacts` }))}>{inArchive ? <ArchiveRestore /> : <Archive />} {inArchive ? t`Take out of the archive` : t({ message: "Archive", context: "verb" })}</button>
                <Asked label={t`Set field`} title={t`Set a field`} field={t`Value`} busy={bulk.isPending} choices={[]} empties fields={settable} onDo={(value, field) => doToAll({ kind: "set", field, value: value || (field.startsWith("custom.") ? null : "") }, (m) => setFor(fieldLabel(field), m))} />
                {amount === 2 && !isAll && <button type="button" className="btn gh" onClick={() => onMerge([...selected])}><Merge /> <Trans>Merge</Trans></button>}
                <button type="button" className="btn gh" onClick={onExport}><Upload /> <Trans>Export</Trans></button>
                <span className="vr" />
                <button type="button" className="btn gh dgr" disabled={bulk.isPending} onClick={() => (isAll ? doToAll({ kind: "bin" }, binned) : moveToBin([...selected]))}><Trash2 /> <Trans>Move to bin</Trans></button>
                <span className="vr" />
                <button type="button" className="btn gh ic" aria-label={t`Clear the selection`} onClick={clearSelection}><X /></button>
              </div>
            )}
          </>
        )}
      </main>
      {open && !isEmpty && <Panel key={open} id={open} tab={open === begin.open ? begin.tab : undefined} wide={wide} onWide={setWide} onClose={() => { setOpen(null); setWide(false); }} onBin={() => moveToBin([open])} onShow={setOpen} undoing={undoing} />}
      {naming && <SegmentDialog draft={naming} kept={naming.id ? segment : undefined} undoing={undoing} onClose={() => setNaming(null)} onSaved={(id) => { setNaming(null); if (id !== segment?.id) onSegment(id); }} />}
      {adding && <QuickAdd onClose={() => setAdding(false)} onMade={({ id, operation }) => { setAdding(false); setOpen(id); toast(t`Contact made`, undoing(operation)); }} onShow={(id) => { setAdding(false); setOpen(id); }} />}
    </div>
  );
}

const binned = (amount: number) => plural(amount, { one: `Moved ${n(amount)} contact to the bin`, other: `Moved ${n(amount)} contacts to the bin` });
const setFor = (label: string, amount: number) => plural(amount, { one: `${label} set for ${n(amount)} contact`, other: `${label} set for ${n(amount)} contacts` });
const chosenOf = (amount: number) => plural(amount, { one: `${n(amount)} selected`, other: `${n(amount)} selected` });
const saved = (name: string) => t`View ${name} saved`;

/** A deed that needs a word: typed, or chosen among those that are there; for one of some fields. */
function Asked({ icon, label, title, field, busy, choices, fields, empties = false, onDo }: { icon?: ReactNode; label: string; title: string; field: string; busy: boolean; choices: string[]; fields?: [string, string][]; empties?: boolean; onDo(word: string, field: string): void }) {
  const [word, setWord] = useState("");
  const [key, setKey] = useState(fields?.[0]?.[0] ?? "");
  const list = useId();
  const isReady = (empties || word.trim() !== "") && !busy;
  return (
    <Popover className="btn gh" title={title} label={<>{icon} {label}</>}>
      {(close) => (
        <form className="row g8" onSubmit={(event) => { event.preventDefault(); if (!isReady) return; close(); onDo(word.trim(), key); setWord(""); }}>
          {fields && <select className="fsel" style={{ width: 150 }} aria-label={t`Field to set`} value={key} onChange={(event) => setKey(event.target.value)}>{fields.map(([one, name]) => <option key={one} value={one}>{name}</option>)}</select>}
          <span className="inp sp"><input aria-label={field} placeholder={empties ? t`Empty clears it` : field} list={list} value={word} onChange={(event) => setWord(event.target.value)} /></span>
          <datalist id={list}>{choices.map((one) => <option key={one} value={one} />)}</datalist>
          <button type="submit" className="btn pri" disabled={!isReady}>{label}</button>
        </form>
      )}
    </Popover>
  );
}

function Doors({ onImport, onSample, loading }: { onImport(): void; onSample(): void; loading: boolean }) {
  return (
    <div className="doorsheet">
      <h2 className="t28"><Trans>Everyone you do business with, on this computer</Trans></h2>
      <p className="t14 mut"><Trans>No account and no network needed. Every step shows what it will do first and can be undone.</Trans></p>
      <div className="doors">
        <section className="door first">
          <span className="di"><FileUp /></span>
          <h3 className="t16"><Trans>Drop a file</Trans></h3>
          <p className="mut"><Trans>From Google, Outlook, HubSpot, Salesforce, LinkedIn, Mailchimp, a phone or a spreadsheet. Any size.</Trans></p>
          <p className="row g4 kinds">{["CSV", "XLSX", "vCard", "LDIF", "JSON"].map((kind) => <span key={kind} className="bdg">{kind}</span>)}</p>
          <button type="button" className="btn pri lg" onClick={onImport}><Trans>Choose a file</Trans></button>
        </section>
        <section className="door">
          <span className="di warm"><Sparkles /></span>
          <h3 className="t16"><Trans>Look around first</Trans></h3>
          <p className="mut"><Trans>500 made-up people in many languages to try things on. One click in Settings removes them.</Trans></p>
          <button type="button" className="btn lg" onClick={onSample} disabled={loading}><Trans>Load sample data</Trans></button>
        </section>
      </div>
    </div>
  );
}
