import type { MessageDescriptor } from "@lingui/core";
import { i18n } from "@lingui/core";
import { msg, plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { ArrowDown, ArrowUp, Plus, Shield, Upload, X } from "lucide-react";
import { useState } from "react";
import { host, useAction, useCommand, useProgress } from "../../api/cache";
import type { Commands, ExportEntryView, RecipeView } from "../../api/generated/commands";
import { isCommandError, sentence } from "../../api/host";
import { useToast } from "../../components/toast";
import { useSubmitKey } from "../../components/use-submit-key";
import { bytes, contacts, day, n, time } from "../../text/words";
import { named } from "../../text/worded";
import type { Shown } from "../../places";
import "./exports.css";

type What = "everyone" | "list" | "selected" | "days" | "recipe";
/** The days of which event bound an export. */
const EVENTS: [string, MessageDescriptor][] = [["seen", msg`Last seen`], ["first_seen", msg`First seen`], ["created", msg`Created here`]];
type Format = Commands["export_run"]["request"]["format"];
type Layout = "reference" | "complete" | "own";
/** How long a file stays that is to go again. */
const HOURS = 24;
const FORMATS: [Format, string | MessageDescriptor][] = [["csv", "CSV"], ["xlsx", "Excel"], ["parquet", "Parquet"], ["vcard", "vCard 4"], ["ndjson", "NDJSON"], ["everything", msg`Everything`]];
const ENDINGS: Record<Format, string> = { csv: "csv", xlsx: "xlsx", parquet: "parquet", vcard: "vcf", ndjson: "ndjson", everything: "ndjson" };
const LAYOUTS: [Layout, MessageDescriptor][] = [["reference", msg({ message: "Reference", context: "columns" })], ["complete", msg({ message: "Complete", context: "columns" })], ["own", msg`My choice`]];
const SEPARATORS: [string, MessageDescriptor][] = [[",", msg`Comma`], [";", msg`Semicolon`], ["\t", msg({ message: "Tab", context: "separator" })]];

function formatWord(key: string): string {
  const word = FORMATS.find(([one]) => one === key)?.[1] ?? key;
  return typeof word === "string" ? word : i18n._(word);
}

/** One page: who, which columns, which format, how it begins, and what left before. */
export function Exports({ shown }: { shown: Shown }) {
  const narrowed = shown.query !== "" || shown.filter !== "" || shown.except.length > 0;
  const [what, setWhat] = useState<What>(shown.selected.length > 0 ? "selected" : narrowed ? "list" : "everyone");
  const [[from, to], setDays] = useState(["", ""]);
  const [event, setEvent] = useState("seen");
  const [format, setFormat] = useState<Format>("csv");
  const [layout, setLayout] = useState<Layout>("reference");
  const [own, setOwn] = useState<string[] | null>(null);
  /** Headings other than the keys, by key. */
  const [headings, setHeadings] = useState<Record<string, string>>({});
  /** The filter that a recipe brought. */
  const [given, setGiven] = useState("");
  const [spreadsheet, setSpreadsheet] = useState(true);
  const [separator, setSeparator] = useState(",");
  const toast = useToast();
  const run = useAction("export_run");
  const columns = useCommand("export_columns", {});

  const days = from && to ? `${event}:${from}..${dayAfter(to)}` : "";
  const list = what === "list" ? shown : { query: "", filter: what === "days" ? days : what === "recipe" ? given : "", sort: shown.sort };
  const everyone = useCommand("view_open", { query: "", filter: "", sort: shown.sort, inBin: false, inTexts: false });
  const view = useCommand("view_open", { query: list.query, filter: list.filter, sort: list.sort, inBin: false, inTexts: what === "list" && shown.inTexts, ...(what === "list" && shown.segment && { segment: shown.segment }) });
  const chosen = own ?? columns.data?.reference ?? [];
  const [selected, except] = [n(shown.selected.length), n(shown.except.length)];
  const request = {
    file: "",
    hours: 0,
    replace: false,
    format,
    columns: layout === "own" ? chosen.map((key): [string, string] => [key, headings[key] ?? ""]) : [[layout, ""] as [string, string]],
    spreadsheet: format === "csv" && spreadsheet,
    separator,
    // Old Excel reads UTF-8 only with a mark.
    bom: format === "csv" && spreadsheet,
    view: what === "everyone" || what === "selected" ? null : (view.data?.view ?? null),
    ids: what === "selected" ? shown.selected : null,
    except: what === "list" ? shown.except : [],
    what: what === "selected" ? t`${selected} selected` : what === "everyone" ? "" : [list.query && `“${list.query}”`, list.filter, what === "list" && shown.except.length > 0 && t`without ${except}`].filter(Boolean).join(" "),
  };
  // Never another list than the one that is named: not the one before, and not everybody.
  const settled = what === "everyone" || what === "selected" || (view.data !== undefined && !view.isPlaceholderData && !view.error);
  const ready = settled && (what !== "days" || days !== "");
  const preview = useCommand("export_preview", request, ready);
  const amount = ready && !preview.isPlaceholderData ? (preview.data?.contacts ?? 0) : 0;

  const [typed, setTyped] = useState<string | null>(null);
  // A dialog asks before it gives the name of a file that is there.
  const [asked, setAsked] = useState("");
  const [expires, setExpires] = useState(false);
  const name = `contacts-${new Date().toISOString().slice(0, 10)}.${ENDINGS[format]}`;
  const file = typed ?? (columns.data ? `${columns.data.folder}/${name}` : "");
  const choose = async () => {
    const path = await host.chooseTarget(file || name);
    if (!path) return;
    setTyped(path);
    setAsked(path);
  };
  const start = () => {
    if (amount === 0 || run.isPending) return;
    run.mutate({ ...request, file, hours: expires ? HOURS : 0, replace: file === asked }, {
      onSuccess: ({ shortened, ...report }) => {
        const [exported, path, size] = [contacts(report.contacts), report.file, bytes(report.bytes)];
        toast(shortened > 0
          ? plural(shortened, { one: `Exported ${exported} to ${path}, ${size}. The end of ${n(shortened)} cell did not fit`, other: `Exported ${exported} to ${path}, ${size}. The end of ${n(shortened)} cells did not fit` })
          : t`Exported ${exported} to ${path}, ${size}`);
      },
      onError: (error) => toast(isCommandError(error) && error.code === "cancelled" ? t`Stopped. No file was written.` : sentence(error)),
    });
  };
  useSubmitKey();

  const [leaving, most] = [contacts(amount), n(1_048_575)];
  const isTable = format === "csv" || format === "xlsx" || format === "parquet";
  /** Sets the page as a recipe says. */
  const use = (recipe: RecipeView) => {
    setFormat(recipe.format);
    setTyped(null);
    const only = recipe.columns.length === 1 ? recipe.columns[0]?.[0] : undefined;
    if (recipe.columns.length === 0 || only === "reference" || only === "complete") setLayout(only === "complete" ? "complete" : "reference");
    else {
      setLayout("own");
      setOwn(recipe.columns.map(([key]) => key));
      setHeadings(Object.fromEntries(recipe.columns));
    }
    if (recipe.format === "csv") {
      setSpreadsheet(recipe.spreadsheet);
      setSeparator(recipe.separator || ",");
    }
    setGiven(recipe.filter);
    setWhat((was) => (recipe.filter ? "recipe" : was === "recipe" ? "everyone" : was));
  };

  const pick = (key: What, label: string, detail: string, disabled = false) => (
    <label className={`pickb ${what === key ? "on" : ""} ${disabled ? "off" : ""}`}>
      <input type="radio" name="what" className="visually-hidden" checked={what === key} disabled={disabled} onChange={() => setWhat(key)} />
      <span className={`check rad ${what === key ? "on" : ""}`} aria-hidden />
      <span className="col"><b className="w5 ell">{label}</b><span className="t12 mut num ell">{detail}</span></span>
    </label>
  );

  return (
    <main className="main">
      <div className="head"><span className="crumb"><Trans>Exports</Trans></span><h1><Trans>New export</Trans></h1></div>
      <div className="scroll two">
        <div className="colm">
          <section className="card" aria-labelledby="what-title">
            <header><h2 id="what-title"><Trans>What</Trans></h2><span className="mut end"><Trans>The bin never leaves</Trans></span></header>
            <div className="pad">
              <div className="picks" role="radiogroup" aria-labelledby="what-title">
                {pick("everyone", t`Everyone`, everyone.data ? n(everyone.data.total) : "")}
                {pick("list", t`This list`, narrowed ? [shown.query && `“${shown.query}”`, shown.filter, shown.except.length > 0 && t`without ${except}`].filter(Boolean).join(" ") : t`no search, no filter`, !narrowed)}
                {pick("selected", t`Selected`, selected, shown.selected.length === 0)}
                {given && pick("recipe", t`As the recipe says`, given)}
                {pick("days", t`Between days`, days ? t`${from} to ${to}` : t`choose days`)}
              </div>
              {what === "days" && (
                <div className="row g12" style={{ marginTop: 12 }}>
                  <select className="fsel" aria-label={t`Days of what`} value={event} onChange={(e) => setEvent(e.target.value)}>
                    {EVENTS.map(([key, label]) => <option key={key} value={key}>{i18n._(label)}</option>)}
                  </select>
                  <label className="row"><Trans context="day">From</Trans> <span className="inp"><input type="date" value={from} onChange={(e) => setDays([e.target.value, to])} /></span></label>
                  <label className="row"><Trans context="day">to</Trans> <span className="inp"><input type="date" value={to} onChange={(e) => setDays([from, e.target.value])} /></span></label>
                </div>
              )}
            </div>
          </section>
          <Recipes draft={{ format, columns: request.columns, filter: list.filter, spreadsheet: request.spreadsheet, separator, bom: request.bom }} searched={list.query !== ""} onUse={use} />
          {isTable && (
            <ColumnList layout={layout} onLayout={setLayout} all={[...(columns.data?.complete ?? []), ...(columns.data?.derived ?? [])]} headings={headings} onHeading={(key, heading) => setHeadings({ ...headings, [key]: heading })} chosen={layout === "reference" ? (columns.data?.reference ?? []) : layout === "complete" ? (columns.data?.complete ?? []) : chosen}
              onChosen={(next) => { setLayout("own"); setOwn(next); }} />
          )}
          <section className="card" aria-labelledby="format-title">
            <header>
              <h2 id="format-title"><Trans>Format</Trans></h2>
              <span className="seg sm end" role="group" aria-labelledby="format-title">
                {FORMATS.map(([key]) => <button key={key} type="button" className={format === key ? "on" : ""} aria-pressed={format === key} onClick={() => setFormat(key)}>{formatWord(key)}</button>)}
              </span>
            </header>
            <div className="pad">
              {format === "csv" ? (
                <>
                  <div className="picks two-picks" role="radiogroup" aria-label={t`For whom`}>
                    {[true, false].map((forPeople) => (
                      <label key={String(forPeople)} className={`pickb ${spreadsheet === forPeople ? "on" : ""}`}>
                        <input type="radio" name="profile" className="visually-hidden" checked={spreadsheet === forPeople} onChange={() => setSpreadsheet(forPeople)} />
                        <span className={`check rad ${spreadsheet === forPeople ? "on" : ""}`} aria-hidden />
                        <span className="col"><b className="w5">{forPeople ? t`For spreadsheets` : t`For programs`}</b><span className="t12 mut">{forPeople ? t`No cell starts a formula; reversible` : t`UTF-8, every byte as stored`}</span></span>
                      </label>
                    ))}
                  </div>
                  <label className="row" style={{ marginTop: 12 }}><span className="mut"><Trans>Separator</Trans></span>
                    <select className="fsel" style={{ width: 140 }} value={separator} onChange={(e) => setSeparator(e.target.value)}>
                      {SEPARATORS.map(([key, label]) => <option key={key} value={key}>{i18n._(label)}</option>)}
                    </select>
                  </label>
                </>
              ) : (
                <p className="mut">{format === "parquet" ? t`A table with types for DuckDB, pandas and others: moments in UTC, counts as numbers, tags as a list, all else as text. What is not known is null.` : format === "xlsx" ? t`A workbook for Excel and LibreOffice. Every cell is a text: no formula, no lost zero, no date turned round. Beyond ${most} contacts it goes on in a second sheet.` : format === "vcard" ? t`Cards of version 4 with every value. Phones and mail programs read them; what only Cardfile knows is kept beside.` : format === "everything" ? t`One JSON object a line with every value and every part of the card: notes, tasks, conversations, names of files. No secret is in it.` : t`One JSON object a line with every value, for programs.`}</p>
              )}
            </div>
          </section>
        </div>
        <div className="colm">
          <section className="card" aria-labelledby="first-title">
            <header><h2 id="first-title"><Trans>First lines</Trans></h2></header>
            <pre className="firstlines mono" data-text tabIndex={0} aria-labelledby="first-title">{view.error && !settled ? sentence(view.error) : preview.error ? sentence(preview.error) : (preview.data?.text ?? "")}</pre>
          </section>
          <Log />
        </div>
      </div>
      <div className="act">
        {run.isPending ? <Running /> : (
          <>
            <button type="button" className="btn pri" disabled={amount === 0 || preview.isFetching || file === ""} onClick={start}>
              <Upload /> <Trans>Export {leaving}</Trans> <span className="kbd">Ctrl</span><span className="kbd">Enter</span>
            </button>
            <label className="row sp"><span className="mut nw"><Trans>into</Trans></span><span className="inp sp"><input className="mono" value={file} spellCheck={false} aria-label={t`File`} onChange={(e) => setTyped(e.target.value)} /></span></label>
            <button type="button" className="btn" onClick={() => void choose()}><Trans>Choose</Trans></button>
            <label className="row g6 nw"><input type="checkbox" checked={expires} onChange={(event) => setExpires(event.target.checked)} /> {plural(HOURS, { one: `Delete the file after ${n(HOURS)} hour`, other: `Delete the file after ${n(HOURS)} hours` })}</label>
            <span title={t`Written under a name that ends in .part, renamed when complete`}><Shield className="mut" /></span>
          </>
        )}
      </div>
    </main>
  );
}

function dayAfter(iso: string): string {
  const at = new Date(`${iso}T00:00:00Z`);
  at.setUTCDate(at.getUTCDate() + 1);
  return at.toISOString().slice(0, 10);
}

interface ColumnListProps {
  layout: Layout;
  onLayout(layout: Layout): void;
  all: string[];
  chosen: string[];
  onChosen(columns: string[]): void;
  headings: Record<string, string>;
  onHeading(key: string, heading: string): void;
}

function ColumnList({ layout, onLayout, all, chosen, onChosen, headings, onHeading }: ColumnListProps) {
  const left = all.filter((key) => !chosen.includes(key));
  const [amount, total] = [n(chosen.length), n(all.length)];
  const move = (at: number, to: number) => {
    const next = [...chosen];
    const [column] = next.splice(at, 1);
    if (column) next.splice(to, 0, column);
    onChosen(next);
  };
  return (
    <section className="card" aria-labelledby="columns-title">
      <header>
        <h2 id="columns-title"><Trans>Columns</Trans></h2><span className="mut num"><Trans>{amount} of {total}, in this order</Trans></span>
        <span className="seg sm end" role="group" aria-labelledby="columns-title">
          {LAYOUTS.map(([key, label]) => <button key={key} type="button" className={layout === key ? "on" : ""} aria-pressed={layout === key} onClick={() => onLayout(key)}>{i18n._(label)}</button>)}
        </span>
      </header>
      <ol className="columnlist">
        {chosen.map((key, at) => (
          <li key={key}>
            <span className="num mut">{at + 1}</span><span className="mono sp ell">{key}</span>
            {layout === "own" && <span className="inp sm colhead"><input aria-label={t`Heading of ${key}`} placeholder={key} value={headings[key] ?? ""} onChange={(event) => onHeading(key, event.target.value)} /></span>}
            <button type="button" className="btn ic sm gh" aria-label={t`Move ${key} up`} disabled={at === 0} onClick={() => move(at, at - 1)}><ArrowUp /></button>
            <button type="button" className="btn ic sm gh" aria-label={t`Move ${key} down`} disabled={at + 1 === chosen.length} onClick={() => move(at, at + 1)}><ArrowDown /></button>
            <button type="button" className="btn ic sm gh" aria-label={t`Leave ${key} out`} onClick={() => onChosen(chosen.filter((one) => one !== key))}><X /></button>
          </li>
        ))}
      </ol>
      {left.length > 0 && (
        <footer>
          <label className="row g6 mut"><Plus />
            <select className="fsel" style={{ width: 200 }} value="" aria-label={t`Add a column`} onChange={(e) => e.target.value && onChosen([...chosen, e.target.value])}>
              <option value="">{t`Add a column`}</option>
              {left.map((key) => <option key={key}>{key}</option>)}
            </select>
          </label>
        </footer>
      )}
    </section>
  );
}

/** Exports with a name: ours for other programs, and those that were saved. */
function Recipes({ draft, searched, onUse }: { draft: Omit<RecipeView, "id" | "name">; searched: boolean; onUse(recipe: RecipeView): void }) {
  const recipes = useCommand("recipe_list", {});
  const put = useAction("recipe_put");
  const remove = useAction("part_remove");
  const undo = useAction("history_undo");
  const toast = useToast();
  const [name, setName] = useState("");
  const [used, setUsed] = useState("");
  const all = recipes.data?.recipes ?? [];
  const failed = { onError: (error: unknown) => toast(sentence(error)) };
  const undoing = (operation: string | null) => (operation ? () => undo.mutate({ id: operation }, failed) : undefined);
  const known = all.find((one) => one.name === used);
  const called = name.trim();
  const save = () => called && put.mutate({ id: known?.id && known.name === called ? known.id : "", name, ...draft }, { ...failed, onSuccess: ({ operation }) => { toast(t`Recipe ${called} saved`, undoing(operation)); setUsed(called); setName(""); } });
  return (
    <section className="card" aria-labelledby="recipes-title">
      <header><h2 id="recipes-title"><Trans>Recipe</Trans></h2><span className="mut"><Trans>columns, headings and format with a name</Trans></span></header>
      <div className="pad row g8 wrap">
        <select className="fsel" style={{ width: 220 }} aria-label={t`Start from a recipe`} value={used} onChange={(event) => { const one = all.find((recipe) => recipe.name === event.target.value); setUsed(event.target.value); if (one) onUse(one); }}>
          <option value="">{t({ message: "None", context: "recipe" })}</option>
          {all.map((one) => <option key={one.name} value={one.name}>{one.id ? one.name : named(one.name)}</option>)}
        </select>
        {known?.id && <button type="button" className="btn sm gh" onClick={() => remove.mutate({ id: known.id }, { ...failed, onSuccess: ({ operation }) => { toast(t`Recipe ${used} deleted`, undoing(operation)); setUsed(""); } })}><Trans>Delete</Trans></button>}
        <span className="sp" />
        <form className="row g6" onSubmit={(event) => { event.preventDefault(); save(); }}>
          <span className="inp"><input aria-label={t`Name of a new recipe`} placeholder={t`Monthly list`} value={name} onChange={(event) => setName(event.target.value)} /></span>
          <button type="submit" className="btn sm" disabled={!called || searched} title={searched ? t`A recipe keeps a filter, and no search` : undefined}><Trans>Save recipe</Trans></button>
        </form>
      </div>
    </section>
  );
}

function Running() {
  const progress = useProgress();
  const stop = useAction("job_stop");
  const job = progress?.job === "Exporting" ? progress : null;
  const [done, total] = [n(job?.done ?? 0), n(job?.total ?? 0)];
  return (
    <>
      <span className="num nw" role="status">{job ? t`${done} of ${total}` : t`Beginning`}</span>
      <span className="prog sp"><i style={{ width: job?.total ? `${(100 * job.done) / job.total}%` : 0 }} /></span>
      <button type="button" className="btn" onClick={() => stop.mutate({ job: "Exporting" })}><X /> <Trans>Stop</Trans></button>
    </>
  );
}

/** When and by whom a file left, and how long it stays. */
function Fate({ at, actor, deletedAt, expiresAt }: ExportEntryView) {
  const said = (iso: string) => `${day(new Date(iso))} ${time(iso)}`;
  const [left, until, who] = [said(at), expiresAt ? said(expiresAt) : "", <bdi key="who">{actor}</bdi>];
  if (deletedAt) return <Trans><bdi>{left}</bdi>, by {who}, the file was deleted</Trans>;
  if (until) return <Trans><bdi>{left}</bdi>, by {who}, the file stays until <bdi>{until}</bdi></Trans>;
  return <Trans><bdi>{left}</bdi>, by {who}, the file stays</Trans>;
}

/** Which files left, newest first. */
function Log() {
  const log = useCommand("export_log", {});
  const entries = log.data?.entries ?? [];
  return (
    <section className="card" aria-labelledby="log-title">
      <header><h2 id="log-title"><Trans>Export log</Trans></h2><span className="mut"><Trans>who took what, with a hash</Trans></span></header>
      {entries.length === 0 ? <div className="pad mut">{log.data ? t`No file has left this workspace.` : ""}</div> : (
        <ul className="exportlog">
          {entries.map((entry) => (
            <li key={entry.at + entry.file} title={entry.file}>
              <p className="row g8"><b className="w5 ell sp">{entry.what || t`Everyone`}</b><span>{formatWord(entry.format)}</span><span className="num nw">{contacts(entry.contacts)}</span></p>
              <p className="t12 mut"><Fate {...entry} /></p>
              <p className="t12 mut mono ell" data-text>{entry.sha256}</p>
            </li>
          ))}
        </ul>
      )}
      <footer className="mut">{plural(entries.length, { one: `${n(entries.length)} file`, other: `${n(entries.length)} files` })}</footer>
    </section>
  );
}
