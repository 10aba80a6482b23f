import { ArrowRight, Check, ChevronLeft, ChevronRight, Download, FileText, FileUp, RotateCcw, X } from "lucide-react";
import { useRef, useState } from "react";
import { useAction, useCommand, useProgress } from "../../api/cache";
import type { PlanView } from "../../api/generated/commands";
import { isCommandError, sentence } from "../../api/host";
import { Avatar } from "../../components/avatar";
import { useToast } from "../../components/toast";
import { useSubmitKey } from "../../components/use-submit-key";
import { bytes, contacts, count, fieldLabel, n } from "../../text/en";
import { isMail, Mail } from "./mail";
import "./import.css";

interface Props {
  file: string | null;
  onChoose(): void;
  onDone(): void;
}

/** One page: the file, where its columns go, what will happen, and the way back. */
export function Import({ file, onChoose, onDone }: Props) {
  if (!file)
    return (
      <main className="main">
        <div className="head"><h1>Imports</h1></div>
        <div className="empty">
          <FileUp />
          <p className="t14">Drop a contact file anywhere in this window.</p>
          <p className="mut">You see what would happen before anything is written.</p>
          <button type="button" className="btn pri lg" onClick={onChoose}>Choose a file</button>
        </div>
      </main>
    );
  if (isMail(file)) return <Mail key={file} file={file} onChoose={onChoose} onDone={onDone} />;
  return <Planned key={file} file={file} onChoose={onChoose} onDone={onDone} />;
}

const OUTCOMES = [
  ["created", "Create", "New cards", "--s1"],
  ["updated", "Update", "Cards that get new values", "--s2"],
  ["unchanged", "Unchanged", "Already the same", "--s6"],
  ["duplicate", "Repeated", "Same person twice in this file", "--s3"],
  ["suppressed", "Suppressed", "Erased before, not brought back", "--s5"],
  ["rejected", "Rejected", "Kept aside with a reason", "--s4"],
] as const;

type Policy = "fill" | "newest" | "ask";
interface Done { counts: PlanView["counts"]; rejectsFile: string | null; operation: string | null }

function Planned({ file, onChoose, onDone }: { file: string; onChoose(): void; onDone(): void }) {
  const [policy, setPolicy] = useState<Policy>("fill");
  const [wins, setWins] = useState<ReadonlySet<number>>(new Set());
  const [targets, setTargets] = useState<string[] | null>(null);
  const [choices, setChoices] = useState<Choices>({ encoding: null, separator: null, header: null });
  const [done, setDone] = useState<Done | null>(null);
  const request = { file, policy, targets, ...choices, wins: [...wins] };
  const plan = useCommand("import_plan", request, done === null);
  const run = useAction("import_run");
  const toast = useToast();
  const name = file.split(/[/\\]/).pop() ?? file;
  const data = plan.data;
  const written = data ? data.counts.created + data.counts.updated : 0;
  const start = () =>
    run.mutate(request, {
      onSuccess: (report) => {
        toast(`Imported ${contacts(report.counts.created + report.counts.updated)}`);
        setDone(report);
      },
      onError: (error) => toast(isCommandError(error) && error.code === "cancelled" ? "Stopped. Nothing of it is left." : sentence(error)),
    });
  useSubmitKey();

  if (done) return <Report name={name} done={done} onChoose={onChoose} onDone={onDone} />;
  if (plan.error) {
    return (
      <main className="main">
        <div className="head"><span className="crumb">Imports</span><h1 className="ell">{name}</h1></div>
        <div className="empty" role="alert">
          <FileText />
          <p className="t14">{sentence(plan.error)}</p>
          {isCommandError(plan.error) && plan.error.hint && <p className="mut">{plan.error.hint}</p>}
          <button type="button" className="btn" onClick={onChoose}>Choose another file</button>
        </div>
      </main>
    );
  }
  return (
    <main className="main" aria-busy={!data}>
      <div className="head">
        <span className="crumb">Imports</span><h1 className="ell">{name}</h1>
        <span className="bdg inf">Nothing written yet</span>
        <span className="sp" />
        <button type="button" className="btn" onClick={onChoose}>Choose another file</button>
      </div>
      {data ? (
        <>
          <Found plan={data} choices={choices} onChoices={(next) => { setTargets(null); setChoices(next); }} />
          <div className="scroll two">
            <div className="colm">
              {data.columns.length > 0 ? (
                <Columns plan={data} onTarget={(at, target) => setTargets(data.columns.map((column, i) => (i === at ? target : column.target)))} />
              ) : (
                <section className="card pad"><p>{data.format === "vCard" ? "Every property of a card has its field. What has none is kept with the card, and written again when it is exported." : "These are contacts as Cardfile writes them: every value has its field."}</p></section>
              )}
              {(data.counts.updated + data.counts.unchanged + data.counts.duplicate > 0 || policy !== "fill") && (
                <Updates plan={data} policy={policy} onPolicy={setPolicy} wins={wins}
                  onWins={(record, win) => setWins((old) => { const next = new Set(old); if (win) next.add(record); else next.delete(record); return next; })} />
              )}
            </div>
            <div className="colm">
              <Plan plan={data} written={written} />
              {data.rejects.length > 0 && <Rejects plan={data} />}
            </div>
          </div>
          <div className="act">
            {run.isPending ? <Running /> : (
              <>
                <RotateCcw className="mut" />
                <span className="ell sp"><b className="w5">You can undo this whole import at any time.</b> <span className="mut">Cards you edit afterwards are kept and listed.</span></span>
                <button type="button" className="btn gh" onClick={onDone}>Cancel</button>
                <button type="button" className="btn pri" disabled={written === 0} onClick={start}>
                  <Download /> {written === 0 ? "Nothing to import" : `Import ${count(written, "record", "records")}`}
                  <span className="kbd">Ctrl</span><span className="kbd">Enter</span>
                </button>
              </>
            )}
          </div>
        </>
      ) : (
        <Reading name={name} />
      )}
    </main>
  );
}

/** How far a job is, how fast, and the way to stop it. */
function Running() {
  const progress = useProgress();
  const stop = useAction("job_stop");
  const started = useRef(performance.now());
  const job = progress?.job === "Importing" ? progress : null;
  const seconds = (performance.now() - started.current) / 1000;
  const rate = job && seconds > 0.5 ? Math.round(job.done / seconds) : 0;
  return (
    <>
      <span className="num nw" role="status">{job ? `${n(job.done)} of ${n(job.total)}` : "Reading the file"}</span>
      <span className="prog sp"><i style={{ width: job?.total ? `${(100 * job.done) / job.total}%` : 0 }} /></span>
      <span className="mut num nw">{rate > 0 ? `${n(rate)} a second` : ""}</span>
      <button type="button" className="btn" onClick={() => stop.mutate({ job: "Importing" })}><X /> Stop and take back</button>
    </>
  );
}

function Reading({ name }: { name: string }) {
  const progress = useProgress();
  const stop = useAction("job_stop");
  const job = progress?.job === "Reading" ? progress : null;
  return (
    <div className="empty">
      <p className="mut">Reading {name}{job ? `, ${n(job.done)} of ${n(job.total)} records` : ""}</p>
      <span className="prog" style={{ width: 240 }}><i style={{ width: job?.total ? `${(100 * job.done) / job.total}%` : 0 }} /></span>
      <button type="button" className="btn" onClick={() => stop.mutate({ job: "Reading" })}>Stop</button>
    </div>
  );
}

/** What an import did, from the transaction itself, and the way back. */
function Report({ name, done, onChoose, onDone }: { name: string; done: Done; onChoose(): void; onDone(): void }) {
  const undo = useAction("history_undo");
  const toast = useToast();
  const [undone, setUndone] = useState(false);
  const takeBack = () =>
    undo.mutate({ id: done.operation }, {
      onSuccess: ({ removed, restored, kept }) => {
        setUndone(true);
        toast(`${n(removed)} removed, ${n(restored)} restored${kept.length ? `, ${n(kept.length)} kept because you edited them` : ""}`);
      },
      onError: (error) => toast(sentence(error)),
    });
  return (
    <main className="main">
      <div className="head">
        <span className="crumb">Imports</span><h1 className="ell">{name}</h1>
        <span className={`bdg ${undone ? "" : "ok"}`}>{undone ? "Taken back" : "Imported"}</span>
        <span className="sp" />
        <button type="button" className="btn" onClick={onChoose}>Import another file</button>
      </div>
      <div className="scroll page">
        <section className="card" aria-labelledby="report-title">
          <header><h2 id="report-title">What was done</h2><span className="ok row g4 end"><Check /> Adds up</span></header>
          <div className="pad"><Outcomes counts={done.counts} /></div>
        </section>
        {done.rejectsFile && (
          <section className="card" aria-labelledby="kept-title">
            <header><h2 id="kept-title">Kept aside</h2><span className="mut num">{n(done.counts.rejected)}</span></header>
            <div className="pad">
              <p>Each of them stands in this file as it came, with the reason beside it. Mend it there and drop the file here again.</p>
              <p className="mono" data-text>{done.rejectsFile}</p>
            </div>
          </section>
        )}
      </div>
      <div className="act">
        <span className="sp" />
        {done.operation && !undone && <button type="button" className="btn" disabled={undo.isPending} onClick={takeBack}><RotateCcw /> Undo import</button>}
        <button type="button" className="btn pri" onClick={onDone}>Show contacts</button>
      </div>
    </main>
  );
}

interface Choices { encoding: string | null; separator: string | null; header: boolean | null }
const ENCODINGS = ["UTF-8", "windows-1252", "ISO-8859-2", "windows-1250", "windows-1251", "macintosh", "Shift_JIS", "GBK", "Big5", "EUC-KR", "UTF-16LE"];
const SEPARATORS: [string, string][] = [[",", "Comma"], [";", "Semicolon"], ["\t", "Tab"], ["|", "Bar"]];

function Found({ plan, choices, onChoices }: { plan: PlanView; choices: Choices; onChoices(choices: Choices): void }) {
  const mapped = plan.columns.filter((column) => column.target !== "skip" && !column.target.startsWith("meta:")).length;
  const encodings = plan.encoding && !ENCODINGS.includes(plan.encoding) ? [plan.encoding, ...ENCODINGS] : ENCODINGS;
  const separators = plan.separator && !SEPARATORS.some(([key]) => key === plan.separator) ? [[plan.separator, plan.separator] as [string, string], ...SEPARATORS] : SEPARATORS;
  return (
    <div className="det">
      <span className="fi"><FileText /></span>
      <div className="col sp">
        <b className="t14 ell">{plan.dialect ? `Looks like ${plan.dialect}` : plan.separator ? "A spreadsheet" : `A file of ${plan.format} contacts`}</b>
        <span className="mut ell">
          {plan.columns.length > 0 && `${n(mapped)} of ${count(plan.columns.length, "column", "columns")} known`}
          {plan.isRemembered && ". Columns go where you sent them last time"}
        </span>
      </div>
      <dl className="dk">
        <div><dt>Records</dt><dd className="num">{n(plan.counts.records)}</dd></div>
        <div><dt>Size</dt><dd className="num">{bytes(plan.bytes)}</dd></div>
        <div><dt>Format</dt><dd>{plan.format}</dd></div>
        {plan.encoding && (
          <div><dt>Text{!plan.encodingCertain && !choices.encoding && <span className="warn"> please check</span>}</dt><dd>
            <select className="plain" aria-label="Text encoding" value={plan.encoding} onChange={(e) => onChoices({ ...choices, encoding: e.target.value })}>
              {encodings.map((name) => <option key={name}>{name}</option>)}
            </select></dd></div>
        )}
        {plan.separator && (
          <>
            <div><dt>Separator</dt><dd>
              <select className="plain" aria-label="Separator" value={plan.separator} onChange={(e) => onChoices({ ...choices, separator: e.target.value })}>
                {separators.map(([key, label]) => <option key={key} value={key}>{label}</option>)}
              </select></dd></div>
            <div><dt>Header</dt><dd>
              <select className="plain" aria-label="Header" value={plan.headerLine ? "yes" : "no"} onChange={(e) => onChoices({ ...choices, header: e.target.value === "yes" })}>
                <option value="yes">{plan.headerLine ? `Line ${n(plan.headerLine)}` : "First line"}</option>
                <option value="no">None</option>
              </select></dd></div>
          </>
        )}
      </dl>
    </div>
  );
}

/** Fields a column can go to; what a column goes to already is kept beside them. */
const CHOICES = ["skip", "name", "given_name", "family_name", "nick", "email", "phone", "phone:mobile", "phone:work", "company", "job_title",
  "department", "description", "preferences", "tags", "stage", "source", "url", "address", "date:birthday", "external_id:external", "first_seen", "last_seen"];

function targetLabel(target: string, heading: string): string {
  if (target === "skip") return "Leave out";
  if (target.startsWith("meta:")) return "Keep as metadata";
  if (target.startsWith("new:")) return `New field: ${heading}`;
  const [field, label] = target.split(":");
  const [base, part] = (field ?? "").split(".");
  const words = fieldLabel((base ?? "").replace(/#\d+$/, ""));
  return [words, part?.replaceAll("_", " "), label].filter(Boolean).join(", ");
}

function Columns({ plan, onTarget }: { plan: PlanView; onTarget(at: number, target: string): void }) {
  return (
    <section className="card" aria-labelledby="columns-title">
      <header><h2 id="columns-title">Columns</h2></header>
      <table className="tbl">
        <thead><tr><th>In the file</th><th>First values found</th><th style={{ width: 40 }}><span className="visually-hidden">goes</span></th><th style={{ width: 200 }}>Goes to</th></tr></thead>
        <tbody>
          {plan.columns.map((column, at) => {
            const options = [...new Set([column.target, ...CHOICES, `new:${column.heading}`, `meta:${column.heading}`])];
            return (
              <tr key={`${column.heading}${at}`}>
                <td className="w5">{column.heading}</td>
                <td className="mut">{column.samples.join(" · ")}</td>
                <td className="fnt"><ArrowRight /></td>
                <td>
                  <select className="fsel" value={column.target} aria-label={`${column.heading} goes to`} onChange={(e) => onTarget(at, e.target.value)}>
                    {options.map((target) => <option key={target} value={target}>{targetLabel(target, column.heading)}</option>)}
                  </select>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

function Outcomes({ counts }: { counts: PlanView["counts"] }) {
  return (
    <>
      <div className="stack" aria-hidden style={{ margin: "8px 0" }}>
        {OUTCOMES.map(([key, , , color]) => counts[key] > 0 && <i key={key} style={{ flexGrow: counts[key], background: `var(${color})` }} />)}
      </div>
      <ul className="pl">
        {OUTCOMES.map(([key, label, text, color]) => (
          <li key={key}><i style={{ background: `var(${color})` }} /><span>{label}</span><span className="t12 mut ell">{text}</span><b className="num w5">{n(counts[key])}</b></li>
        ))}
        <li className="sum"><i /><span>Read from the file</span><span /><b className="num w5">{n(counts.records)}</b></li>
      </ul>
    </>
  );
}

function Plan({ plan, written }: { plan: PlanView; written: number }) {
  const sum = OUTCOMES.reduce((total, [key]) => total + plan.counts[key], 0);
  return (
    <section className="card" aria-labelledby="plan-title">
      <header><h2 id="plan-title">Plan</h2>{sum === plan.counts.records && <span className="ok row g4 end"><Check /> Adds up</span>}</header>
      <div className="pad">
        <div className="row base between"><span className="t28 num">{n(written)}</span><span className="mut">of {count(plan.counts.records, "record", "records")} will be written</span></div>
        <Outcomes counts={plan.counts} />
      </div>
    </section>
  );
}

function Rejects({ plan }: { plan: PlanView }) {
  const shown = plan.rejects.slice(0, 50);
  return (
    <section className="card" aria-labelledby="rejects-title">
      <header><h2 id="rejects-title">Rejected</h2><span className="mut num">{n(plan.counts.rejected)}</span></header>
      <table className="tbl">
        <thead><tr><th style={{ width: 72 }}>Line</th><th>Reason</th><th>Original text</th></tr></thead>
        <tbody>{shown.map((reject) => <tr key={`${reject.line}${reject.column}${reject.place}`}><td className="num mut">{reject.place ?? n(reject.line)}</td><td>{reject.message}{reject.column && <span className="mut"> in {reject.column}</span>}</td><td className="mono">{reject.value}</td></tr>)}</tbody>
      </table>
      {plan.counts.rejected > shown.length && <footer className="mut">{n(plan.counts.rejected - shown.length)} more, all of them in the rejects file</footer>}
    </section>
  );
}

const POLICIES: [Policy, string][] = [["fill", "Fill blanks"], ["newest", "Newest wins"], ["ask", "Ask me"]];

interface UpdatesProps {
  plan: PlanView;
  policy: Policy;
  onPolicy(policy: Policy): void;
  wins: ReadonlySet<number>;
  onWins(record: number, win: boolean): void;
}

/** One changed card at a time: what it says now, and what it will say. */
function Updates({ plan, policy, onPolicy, wins, onWins }: UpdatesProps) {
  const [at, setAt] = useState(0);
  const asked = policy === "ask" ? plan.updates.filter((update) => update.contested.length > 0 || wins.has(update.record)) : plan.updates;
  const place = Math.min(at, Math.max(0, asked.length - 1));
  const update = asked[place];
  const total = policy === "ask" ? asked.length : plan.counts.updated;
  return (
    <section className="card" aria-labelledby="updates-title">
      <header>
        <h2 id="updates-title">{policy === "ask" ? "Who wins" : "What changes in a row"}</h2>
        <span className="mut num">{total > 0 ? `${n(place + 1)} of ${n(total)}` : ""}</span>
        <button type="button" className="btn ic sm gh" aria-label="Previous" disabled={place === 0} onClick={() => setAt(place - 1)}><ChevronLeft /></button>
        <button type="button" className="btn ic sm gh" aria-label="Next" disabled={place + 1 >= asked.length} onClick={() => setAt(place + 1)}><ChevronRight /></button>
        <span className="seg sm end">
          {POLICIES.map(([key, label]) => (
            <button key={key} type="button" className={policy === key ? "on" : ""} aria-pressed={policy === key} onClick={() => { setAt(0); onPolicy(key); }}>{label}</button>
          ))}
        </span>
      </header>
      {update ? (
        <div className="pad">
          <div className="row g6">
            <Avatar name={update.name} /><b className="w5">{update.name}</b> <span className="mut">line {n(update.line)}</span>
            {policy === "ask" && (
              <span className="seg sm end" role="group" aria-label={`Who wins for ${update.name}`}>
                <button type="button" className={wins.has(update.record) ? "" : "on"} aria-pressed={!wins.has(update.record)} onClick={() => onWins(update.record, false)}>Keep the card</button>
                <button type="button" className={wins.has(update.record) ? "on" : ""} aria-pressed={wins.has(update.record)} onClick={() => onWins(update.record, true)}>Take the file</button>
              </span>
            )}
          </div>
          <table className="tbl">
            <thead><tr><th>Field</th><th>On the card</th><th>After import</th></tr></thead>
            <tbody>
              {update.changes.map((change) => <tr key={change.field}><td className="mut">{fieldLabel(change.field)}</td><td>{change.old || <span className="fnt">empty</span>}</td><td className="ok">{change.new}</td></tr>)}
              {policy === "ask" && update.contested.map((change) => <tr key={`contested ${change.field}`}><td className="mut">{fieldLabel(change.field)}</td><td>{change.old || <span className="fnt">empty</span>}</td><td className="mut">kept, the file says <bdi>{change.new}</bdi></td></tr>)}
            </tbody>
          </table>
        </div>
      ) : (
        <div className="pad mut">{policy === "ask" ? "The file contradicts no card: there is nothing to decide." : policy === "fill" ? "No card changes: only what is blank on a card is filled." : "No card changes."}</div>
      )}
    </section>
  );
}
