import type { MessageDescriptor } from "@lingui/core";
import { i18n } from "@lingui/core";
import { msg, plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { ArrowRight, Check, ChevronLeft, ChevronRight, Download, FileText, FileUp, RotateCcw, X } from "lucide-react";
import { useRef, useState } from "react";
import { useAction, useCommand, useProgress } from "../../api/cache";
import type { PlanView } from "../../api/generated/commands";
import { isCommandError, sentence } from "../../api/host";
import { Avatar } from "../../components/avatar";
import { useToast } from "../../components/toast";
import { useSubmitKey } from "../../components/use-submit-key";
import { bytes, capital, contacts, fieldLabel, n, reversed } from "../../text/words";
import { isMail, Mail } from "./mail";
import { named, worded } from "../../text/worded";
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
        <div className="head"><h1><Trans>Imports</Trans></h1></div>
        <div className="empty">
          <FileUp />
          <p className="t14"><Trans>Drop a contact file anywhere in this window.</Trans></p>
          <p className="mut"><Trans>You see what would happen before anything is written.</Trans></p>
          <button type="button" className="btn pri lg" onClick={onChoose}><Trans>Choose a file</Trans></button>
        </div>
      </main>
    );
  if (isMail(file)) return <Mail key={file} file={file} onChoose={onChoose} onDone={onDone} />;
  return <Planned key={file} file={file} onChoose={onChoose} onDone={onDone} />;
}

const OUTCOMES = [
  ["created", msg`Create`, msg`New cards`, "--s1"],
  ["updated", msg`Update`, msg`Cards that get new values`, "--s2"],
  ["unchanged", msg`Unchanged`, msg`Already the same`, "--s6"],
  ["duplicate", msg`Repeated`, msg`Same person twice in this file`, "--s3"],
  ["suppressed", msg`Suppressed`, msg`Erased before, not brought back`, "--s5"],
  ["rejected", msg`Rejected`, msg`Kept aside with a reason`, "--s4"],
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
        const imported = contacts(report.counts.created + report.counts.updated);
        toast(t`Imported ${imported}`);
        setDone(report);
      },
      onError: (error) => toast(isCommandError(error) && error.code === "cancelled" ? t`Stopped. Nothing of it is left.` : sentence(error)),
    });
  useSubmitKey();

  if (done) return <Report name={name} done={done} onChoose={onChoose} onDone={onDone} />;
  if (plan.error) {
    return (
      <main className="main">
        <div className="head"><span className="crumb"><Trans>Imports</Trans></span><h1 className="ell">{name}</h1></div>
        <div className="empty" role="alert">
          <FileText />
          <p className="t14">{sentence(plan.error)}</p>
          {isCommandError(plan.error) && plan.error.hint && <p className="mut">{worded(plan.error.hint)}</p>}
          <button type="button" className="btn" onClick={onChoose}><Trans>Choose another file</Trans></button>
        </div>
      </main>
    );
  }
  return (
    <main className="main" aria-busy={!data}>
      <div className="head">
        <span className="crumb"><Trans>Imports</Trans></span><h1 className="ell">{name}</h1>
        <span className="bdg inf"><Trans>Nothing written yet</Trans></span>
        <span className="sp" />
        <button type="button" className="btn" onClick={onChoose}><Trans>Choose another file</Trans></button>
      </div>
      {data ? (
        <>
          <Found plan={data} choices={choices} onChoices={(next) => { setTargets(null); setChoices(next); }} />
          <div className="scroll two">
            <div className="colm">
              {data.columns.length > 0 ? (
                <Columns plan={data} onTarget={(at, target) => setTargets(data.columns.map((column, i) => (i === at ? target : column.target)))} />
              ) : (
                <section className="card pad"><p>{data.format === "vCard" ? t`Every property of a card has its field. What has none is kept with the card, and written again when it is exported.` : t`These are contacts as Cardfile writes them: every value has its field.`}</p></section>
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
                <span className="ell sp"><b className="w5"><Trans>You can undo this whole import at any time.</Trans></b> <span className="mut"><Trans>Cards you edit afterwards are kept and listed.</Trans></span></span>
                <button type="button" className="btn gh" onClick={onDone}><Trans>Cancel</Trans></button>
                <button type="button" className="btn pri" disabled={written === 0} onClick={start}>
                  <Download /> {written === 0 ? t`Nothing to import` : plural(written, { one: `Import ${n(written)} record`, other: `Import ${n(written)} records` })}
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
  const [done, total, speed] = [n(job?.done ?? 0), n(job?.total ?? 0), n(rate)];
  return (
    <>
      <span className="num nw" role="status">{job ? t`${done} of ${total}` : t`Reading the file`}</span>
      <span className="prog sp"><i style={{ width: job?.total ? `${(100 * job.done) / job.total}%` : 0 }} /></span>
      <span className="mut num nw">{rate > 0 ? t`${speed} a second` : ""}</span>
      <button type="button" className="btn" onClick={() => stop.mutate({ job: "Importing" })}><X /> <Trans>Stop and take back</Trans></button>
    </>
  );
}

function Reading({ name }: { name: string }) {
  const progress = useProgress();
  const stop = useAction("job_stop");
  const job = progress?.job === "Reading" ? progress : null;
  const [done, total] = [n(job?.done ?? 0), n(job?.total ?? 0)];
  return (
    <div className="empty">
      <p className="mut">{job ? t`Reading ${name}, ${done} of ${total} records` : t`Reading ${name}`}</p>
      <span className="prog" style={{ width: 240 }}><i style={{ width: job?.total ? `${(100 * job.done) / job.total}%` : 0 }} /></span>
      <button type="button" className="btn" onClick={() => stop.mutate({ job: "Reading" })}><Trans>Stop</Trans></button>
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
      onSuccess: (report) => {
        setUndone(true);
        toast(reversed(report));
      },
      onError: (error) => toast(sentence(error)),
    });
  return (
    <main className="main">
      <div className="head">
        <span className="crumb"><Trans>Imports</Trans></span><h1 className="ell">{name}</h1>
        <span className={`bdg ${undone ? "" : "ok"}`}>{undone ? t`Taken back` : t`Imported`}</span>
        <span className="sp" />
        <button type="button" className="btn" onClick={onChoose}><Trans>Import another file</Trans></button>
      </div>
      <div className="scroll page">
        <section className="card" aria-labelledby="report-title">
          <header><h2 id="report-title"><Trans>What was done</Trans></h2><span className="ok row g4 end"><Check /> <Trans>Adds up</Trans></span></header>
          <div className="pad"><Outcomes counts={done.counts} /></div>
        </section>
        {done.rejectsFile && (
          <section className="card" aria-labelledby="kept-title">
            <header><h2 id="kept-title"><Trans>Kept aside</Trans></h2><span className="mut num">{n(done.counts.rejected)}</span></header>
            <div className="pad">
              <p><Trans>Each of them stands in this file as it came, with the reason beside it. Mend it there and drop the file here again.</Trans></p>
              <p className="mono" data-text>{done.rejectsFile}</p>
            </div>
          </section>
        )}
      </div>
      <div className="act">
        <span className="sp" />
        {done.operation && !undone && <button type="button" className="btn" disabled={undo.isPending} onClick={takeBack}><RotateCcw /> <Trans>Undo import</Trans></button>}
        <button type="button" className="btn pri" onClick={onDone}><Trans>Show contacts</Trans></button>
      </div>
    </main>
  );
}

interface Choices { encoding: string | null; separator: string | null; header: boolean | null }
const ENCODINGS = ["UTF-8", "windows-1252", "ISO-8859-2", "windows-1250", "windows-1251", "macintosh", "Shift_JIS", "GBK", "Big5", "EUC-KR", "UTF-16LE"];
const SEPARATORS: [string, MessageDescriptor][] = [[",", msg`Comma`], [";", msg`Semicolon`], ["\t", msg({ message: "Tab", context: "separator" })], ["|", msg({ message: "Bar", context: "separator" })]];

function Found({ plan, choices, onChoices }: { plan: PlanView; choices: Choices; onChoices(choices: Choices): void }) {
  const { dialect, format, columns: { length: columns } } = plan;
  const mapped = n(plan.columns.filter((column) => column.target !== "skip" && !column.target.startsWith("meta:")).length);
  const encodings = plan.encoding && !ENCODINGS.includes(plan.encoding) ? [plan.encoding, ...ENCODINGS] : ENCODINGS;
  const known = SEPARATORS.map(([key, label]): [string, string] => [key, i18n._(label)]);
  const separators = plan.separator && !known.some(([key]) => key === plan.separator) ? [[plan.separator, plan.separator] as [string, string], ...known] : known;
  const line = n(plan.headerLine ?? 0);
  return (
    <div className="det">
      <span className="fi"><FileText /></span>
      <div className="col sp">
        <b className="t14 w6 ell">{dialect ? t`Looks like ${{ program: named(dialect) }}` : plan.separator ? t`A spreadsheet` : t`A file of ${format} contacts`}</b>
        <span className="mut ell">
          {columns > 0 && (plan.isRemembered
            ? plural(columns, { one: `${mapped} of ${n(columns)} column known. Columns go where you sent them last time`, other: `${mapped} of ${n(columns)} columns known. Columns go where you sent them last time` })
            : plural(columns, { one: `${mapped} of ${n(columns)} column known`, other: `${mapped} of ${n(columns)} columns known` }))}
        </span>
      </div>
      <dl className="dk">
        <div><dt><Trans>Records</Trans></dt><dd className="num">{n(plan.counts.records)}</dd></div>
        <div><dt><Trans>Size</Trans></dt><dd className="num">{bytes(plan.bytes)}</dd></div>
        <div><dt><Trans>Format</Trans></dt><dd>{format}</dd></div>
        {plan.encoding && (
          <div><dt><Trans>Text</Trans>{!plan.encodingCertain && !choices.encoding && <span className="warn"> <Trans>please check</Trans></span>}</dt><dd>
            <select className="plain" aria-label={t`Text encoding`} value={plan.encoding} onChange={(e) => onChoices({ ...choices, encoding: e.target.value })}>
              {encodings.map((name) => <option key={name}>{name}</option>)}
            </select></dd></div>
        )}
        {plan.separator && (
          <>
            <div><dt><Trans>Separator</Trans></dt><dd>
              <select className="plain" aria-label={t`Separator`} value={plan.separator} onChange={(e) => onChoices({ ...choices, separator: e.target.value })}>
                {separators.map(([key, label]) => <option key={key} value={key}>{label}</option>)}
              </select></dd></div>
            <div><dt><Trans>Header</Trans></dt><dd>
              <select className="plain" aria-label={t`Header`} value={plan.headerLine ? "yes" : "no"} onChange={(e) => onChoices({ ...choices, header: e.target.value === "yes" })}>
                <option value="yes">{plan.headerLine ? t`Line ${line}` : t`First line`}</option>
                <option value="no">{t({ message: "None", context: "header" })}</option>
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

/** What a column can go to besides the fields of the catalogue. */
const TARGETS: Record<string, MessageDescriptor> = {
  given_name: msg`Given name`, additional_name: msg`Additional name`, family_name: msg`Family name`, name_prefix: msg`Name prefix`, name_suffix: msg`Name suffix`,
  id: msg`Id`, external_ids: msg`External ids`, custom: msg`Custom`,
};
/** Parts of a value that have columns of their own. */
const PARTS: Record<string, MessageDescriptor> = {
  value: msg`value`, label: msg`label`, street: msg`street`, extended: msg({ message: "extended", context: "address" }), po_box: msg`po box`,
  city: msg`city`, region: msg`region`, postal_code: msg`postal code`, country: msg`country`,
};

function targetLabel(target: string, heading: string): string {
  if (target === "skip") return t`Leave out`;
  if (target.startsWith("meta:")) return t`Keep as metadata`;
  if (target.startsWith("new:")) return t`New field: ${heading}`;
  const [field, label] = target.split(":");
  const [base, part] = (field ?? "").split(".");
  const key = (base ?? "").replace(/#\d+$/, "");
  const [word, detail] = [TARGETS[key], part ? PARTS[part] : undefined];
  return [word ? i18n._(word) : fieldLabel(key), detail ? i18n._(detail) : part?.replaceAll("_", " "), label].filter(Boolean).join(", ");
}

function Columns({ plan, onTarget }: { plan: PlanView; onTarget(at: number, target: string): void }) {
  return (
    <section className="card" aria-labelledby="columns-title">
      <header><h2 id="columns-title"><Trans>Columns</Trans></h2></header>
      <table className="tbl">
        <thead><tr><th><Trans>In the file</Trans></th><th><Trans>First values found</Trans></th><th style={{ width: 40 }}><span className="visually-hidden"><Trans>goes</Trans></span></th><th style={{ width: 200 }}><Trans>Goes to</Trans></th></tr></thead>
        <tbody>
          {plan.columns.map((column, at) => {
            const { heading } = column;
            const options = [...new Set([column.target, ...CHOICES, `new:${heading}`, `meta:${heading}`])];
            return (
              <tr key={`${heading}${at}`}>
                <td className="w5">{heading}</td>
                <td className="mut">{column.samples.join(" · ")}</td>
                <td className="fnt"><ArrowRight /></td>
                <td>
                  <select className="fsel" value={column.target} aria-label={t`${heading} goes to`} onChange={(e) => onTarget(at, e.target.value)}>
                    {options.map((target) => <option key={target} value={target}>{targetLabel(target, heading)}</option>)}
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
          <li key={key}><i style={{ background: `var(${color})` }} /><span>{i18n._(label)}</span><span className="t12 mut ell">{i18n._(text)}</span><b className="num w5">{n(counts[key])}</b></li>
        ))}
        <li className="sum"><i /><span><Trans>Read from the file</Trans></span><span /><b className="num w5">{n(counts.records)}</b></li>
      </ul>
    </>
  );
}

function Plan({ plan, written }: { plan: PlanView; written: number }) {
  const { records } = plan.counts;
  const sum = OUTCOMES.reduce((total, [key]) => total + plan.counts[key], 0);
  return (
    <section className="card" aria-labelledby="plan-title">
      <header><h2 id="plan-title"><Trans>Plan</Trans></h2>{sum === records && <span className="ok row g4 end"><Check /> <Trans>Adds up</Trans></span>}</header>
      <div className="pad">
        <div className="row base between"><span className="t28 num">{n(written)}</span><span className="mut">{plural(records, { one: `of ${n(records)} record will be written`, other: `of ${n(records)} records will be written` })}</span></div>
        <Outcomes counts={plan.counts} />
      </div>
    </section>
  );
}

function Rejects({ plan }: { plan: PlanView }) {
  const shown = plan.rejects.slice(0, 50);
  const more = n(plan.counts.rejected - shown.length);
  return (
    <section className="card" aria-labelledby="rejects-title">
      <header><h2 id="rejects-title"><Trans>Rejected</Trans></h2><span className="mut num">{n(plan.counts.rejected)}</span></header>
      <table className="tbl">
        <thead><tr><th style={{ width: 72 }}><Trans>Line</Trans></th><th><Trans>Reason</Trans></th><th><Trans>Original text</Trans></th></tr></thead>
        <tbody>{shown.map(({ line, column, place, message, value }) => <tr key={`${line}${column}${place}`}><td className="num mut">{place ?? n(line)}</td><td className="whole">{capital(worded(message))}{column && <span className="mut"> {t`in ${column}`}</span>}</td><td className="mono">{value}</td></tr>)}</tbody>
      </table>
      {plan.counts.rejected > shown.length && <footer className="mut"><Trans>{more} more, all of them in the rejects file</Trans></footer>}
    </section>
  );
}

const POLICIES: [Policy, MessageDescriptor][] = [["fill", msg`Fill blanks`], ["newest", msg`Newest wins`], ["ask", msg`Ask me`]];

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
  const amount = policy === "ask" ? asked.length : plan.counts.updated;
  const [position, total, name, line] = [n(place + 1), n(amount), update?.name ?? "", n(update?.line ?? 0)];
  return (
    <section className="card" aria-labelledby="updates-title">
      <header>
        <h2 id="updates-title">{policy === "ask" ? t`Who wins` : t`What changes in a row`}</h2>
        <span className="mut num">{amount > 0 ? t`${position} of ${total}` : ""}</span>
        <button type="button" className="btn ic sm gh" aria-label={t`Previous`} disabled={place === 0} onClick={() => setAt(place - 1)}><ChevronLeft /></button>
        <button type="button" className="btn ic sm gh" aria-label={t`Next`} disabled={place + 1 >= asked.length} onClick={() => setAt(place + 1)}><ChevronRight /></button>
        <span className="seg sm end">
          {POLICIES.map(([key, label]) => (
            <button key={key} type="button" className={policy === key ? "on" : ""} aria-pressed={policy === key} onClick={() => { setAt(0); onPolicy(key); }}>{i18n._(label)}</button>
          ))}
        </span>
      </header>
      {update ? (
        <div className="pad">
          <div className="row g6">
            <Avatar name={name} /><b className="w5">{name}</b> <span className="mut"><Trans>line {line}</Trans></span>
            {policy === "ask" && (
              <span className="seg sm end" role="group" aria-label={t`Who wins for ${name}`}>
                <button type="button" className={wins.has(update.record) ? "" : "on"} aria-pressed={!wins.has(update.record)} onClick={() => onWins(update.record, false)}><Trans>Keep the card</Trans></button>
                <button type="button" className={wins.has(update.record) ? "on" : ""} aria-pressed={wins.has(update.record)} onClick={() => onWins(update.record, true)}><Trans>Take the file</Trans></button>
              </span>
            )}
          </div>
          <table className="tbl">
            <thead><tr><th><Trans>Field</Trans></th><th><Trans>On the card</Trans></th><th><Trans>After import</Trans></th></tr></thead>
            <tbody>
              {update.changes.map((change) => <tr key={change.field}><td className="mut">{fieldLabel(change.field)}</td><td>{change.old || <span className="fnt"><Trans>empty</Trans></span>}</td><td className="ok">{change.new}</td></tr>)}
              {policy === "ask" && update.contested.map((change) => {
                const said = <bdi>{change.new}</bdi>;
                return <tr key={`contested ${change.field}`}><td className="mut">{fieldLabel(change.field)}</td><td>{change.old || <span className="fnt"><Trans>empty</Trans></span>}</td><td className="mut"><Trans>kept, the file says {said}</Trans></td></tr>;
              })}
            </tbody>
          </table>
        </div>
      ) : (
        <div className="pad mut">{policy === "ask" ? t`The file contradicts no card: there is nothing to decide.` : policy === "fill" ? t`No card changes: only what is blank on a card is filled.` : t`No card changes.`}</div>
      )}
    </section>
  );
}
