import { ArrowRight, Check, Download, FileText, FileUp, RotateCcw } from "lucide-react";
import { useState } from "react";
import { useAction, useCommand } from "../../api/cache";
import type { PlanView } from "../../api/generated/commands";
import { isCommandError, sentence } from "../../api/host";
import { useToast } from "../../components/toast";
import { contacts, count, fieldLabel, n } from "../../text/en";
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

function Planned({ file, onChoose, onDone }: { file: string; onChoose(): void; onDone(): void }) {
  const [policy, setPolicy] = useState<"fill" | "newest">("fill");
  const [targets, setTargets] = useState<string[] | null>(null);
  const plan = useCommand("import_plan", { file, policy, targets });
  const run = useAction("import_run");
  const undo = useAction("history_undo");
  const toast = useToast();
  const name = file.split(/[/\\]/).pop() ?? file;

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
  const data = plan.data;
  const written = data ? data.counts.created + data.counts.updated : 0;
  const start = () =>
    run.mutate({ file, policy, targets }, {
      onSuccess: (done) => {
        const kept = done.rejectsFile ? `. ${n(done.counts.rejected)} rejected, kept in ${done.rejectsFile}` : "";
        toast(`Imported ${contacts(done.counts.created + done.counts.updated)}${kept}`, done.operation ? () => undo.mutate({ id: done.operation }) : undefined);
        onDone();
      },
      onError: (error) => toast(sentence(error)),
    });

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
          <Found plan={data} />
          <div className="scroll two">
            <div className="colm">
              <Columns plan={data} onTarget={(at, target) => setTargets(data.columns.map((column, i) => (i === at ? target : column.target)))} />
              {data.updates.length > 0 && <Updates plan={data} policy={policy} onPolicy={setPolicy} />}
            </div>
            <div className="colm">
              <Plan plan={data} written={written} />
              {data.rejects.length > 0 && <Rejects plan={data} />}
            </div>
          </div>
          <div className="act">
            <RotateCcw className="mut" />
            <span className="ell sp"><b className="w5">You can undo this whole import at any time.</b> <span className="mut">Cards you edit afterwards are kept and listed.</span></span>
            <button type="button" className="btn gh" onClick={onDone}>Cancel</button>
            <button type="button" className="btn pri" disabled={written === 0 || run.isPending} onClick={start}>
              <Download /> {run.isPending ? "Importing" : written === 0 ? "Nothing to import" : `Import ${count(written, "record", "records")}`}
            </button>
          </div>
        </>
      ) : (
        <div className="empty"><p className="mut">Reading {name}</p></div>
      )}
    </main>
  );
}

function Found({ plan }: { plan: PlanView }) {
  const mapped = plan.columns.filter((column) => column.target !== "skip" && !column.target.startsWith("meta:")).length;
  const facts: [string, string][] = [["Records", n(plan.counts.records)], ["Format", plan.format]];
  if (plan.encoding) facts.push(["Text", plan.encodingCertain ? plan.encoding : `${plan.encoding}, please check the samples`]);
  return (
    <div className="det">
      <span className="fi"><FileText /></span>
      <div className="col sp">
        <b className="t14">{plan.dialect ? `Looks like ${plan.dialect}` : "A spreadsheet"}</b>
        <span className="mut">{mapped} of {count(plan.columns.length, "column", "columns")} known</span>
      </div>
      <dl className="dk">{facts.map(([label, value]) => <div key={label}><dt>{label}</dt><dd>{value}</dd></div>)}</dl>
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

function Plan({ plan, written }: { plan: PlanView; written: number }) {
  const sum = OUTCOMES.reduce((total, [key]) => total + plan.counts[key], 0);
  return (
    <section className="card" aria-labelledby="plan-title">
      <header><h2 id="plan-title">Plan</h2>{sum === plan.counts.records && <span className="ok row g4 end"><Check /> Adds up</span>}</header>
      <div className="pad">
        <div className="row base between"><span className="t28 num">{n(written)}</span><span className="mut">of {count(plan.counts.records, "record", "records")} will be written</span></div>
        <div className="stack" aria-hidden style={{ margin: "8px 0" }}>
          {OUTCOMES.map(([key, , , color]) => plan.counts[key] > 0 && <i key={key} style={{ flexGrow: plan.counts[key], background: `var(${color})` }} />)}
        </div>
        <ul className="pl">
          {OUTCOMES.map(([key, label, text, color]) => (
            <li key={key}><i style={{ background: `var(${color})` }} /><span>{label}</span><span className="t12 mut ell">{text}</span><b className="num w5">{n(plan.counts[key])}</b></li>
          ))}
          <li className="sum"><i /><span>Read from the file</span><span /><b className="num w5">{n(plan.counts.records)}</b></li>
        </ul>
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
        <tbody>{shown.map((reject) => <tr key={`${reject.line}${reject.column}`}><td className="num mut">{n(reject.line)}</td><td title={reject.column ?? undefined}>{reject.message}</td><td className="mono">{reject.value}</td></tr>)}</tbody>
      </table>
      {plan.counts.rejected > shown.length && <footer className="mut">{n(plan.counts.rejected - shown.length)} more, all of them in the rejects file</footer>}
    </section>
  );
}

function Updates({ plan, policy, onPolicy }: { plan: PlanView; policy: "fill" | "newest"; onPolicy(policy: "fill" | "newest"): void }) {
  const [at, setAt] = useState(0);
  const update = plan.updates[Math.min(at, plan.updates.length - 1)];
  if (!update) return null;
  return (
    <section className="card" aria-labelledby="updates-title">
      <header>
        <h2 id="updates-title">What changes in a row</h2><span className="mut num">{at + 1} of {n(plan.counts.updated)}</span>
        <button type="button" className="btn sm gh" disabled={at === 0} onClick={() => setAt(at - 1)}>Previous</button>
        <button type="button" className="btn sm gh" disabled={at + 1 >= plan.updates.length} onClick={() => setAt(at + 1)}>Next</button>
        <span className="seg sm end">
          <button type="button" className={policy === "fill" ? "on" : ""} aria-pressed={policy === "fill"} onClick={() => onPolicy("fill")}>Fill blanks</button>
          <button type="button" className={policy === "newest" ? "on" : ""} aria-pressed={policy === "newest"} onClick={() => onPolicy("newest")}>Newest wins</button>
        </span>
      </header>
      <div className="pad"><b className="w5">{update.name}</b> <span className="mut">line {n(update.line)}</span>
        <table className="tbl">
          <thead><tr><th>Field</th><th>On the card</th><th>After import</th></tr></thead>
          <tbody>{update.changes.map((change) => <tr key={change.field}><td className="mut">{fieldLabel(change.field)}</td><td>{change.old || <span className="fnt">empty</span>}</td><td className="ok">{change.new}</td></tr>)}</tbody>
        </table>
      </div>
    </section>
  );
}
