import { Download, FilePlus2, Pencil, RotateCcw, Sparkles, Tag as TagIcon, Trash2, X } from "lucide-react";
import { useState } from "react";
import { useAction, useCommand } from "../../api/cache";
import type { TimelineEntry } from "../../api/generated/commands";
import { sentence } from "../../api/host";
import { Avatar, hue } from "../../components/avatar";
import { useToast } from "../../components/toast";
import { day, fieldLabel, OPERATIONS, time } from "../../text/en";

interface Item {
  value: string;
  label?: string;
}
interface Values {
  kind?: string; name?: string; nick?: string; company?: string; job_title?: string; department?: string; stage?: string;
  description?: string; preferences?: string; source?: string; first_seen?: number; last_seen?: number;
  conversation_count?: number; email?: Item[]; phone?: Item[]; handle?: Item[]; address?: Item[]; url?: Item[];
  date?: Item[]; tags?: string[]; external_id?: { connector: string; external_id: string }[];
  custom?: Record<string, unknown>; metadata?: string;
}

interface Props {
  id: string;
  onClose(): void;
  onBin(): void;
  undoing(operation: string | null): (() => void) | undefined;
}

/** One contact beside the list: every field, edited in place, and what happened. */
export function Panel({ id, onClose, onBin, undoing }: Props) {
  const contact = useCommand("contact_get", { id });
  const edit = useAction("contact_edit");
  const toast = useToast();
  if (contact.error) return <aside className="panel"><div className="empty"><p>{sentence(contact.error)}</p></div></aside>;
  if (!contact.data) return <aside className="panel" aria-busy="true" />;
  const { title, timeline } = contact.data;
  const values = contact.data.contact as Values;

  const save = (field: string, value: unknown) =>
    edit.mutate({ id, field, value }, {
      onSuccess: ({ count, operation }) => count > 0 && toast(`${fieldLabel(field)} changed`, undoing(operation)),
      onError: (error) => toast(sentence(error)),
    });
  const text = (field: keyof Values & string) => (
    <Row key={field} label={fieldLabel(field)} value={String(values[field] ?? "")} onSave={(value) => save(field, value)} />
  );
  const items = (field: "email" | "phone" | "handle" | "url" | "date") => {
    const list = values[field] ?? [];
    const put = (at: number, value: string) => {
      const next = list.map((item) => ({ ...item }));
      if (value.trim() === "") next.splice(at, 1);
      else next[at] = { ...next[at], value };
      save(field, next);
    };
    const shown = list.length > 0 || field === "email" || field === "phone" ? Math.max(1, list.length) : 0;
    return Array.from({ length: shown }, (_, at) => (
      <Row key={`${field}${at}`} label={at === 0 ? fieldLabel(field) : ""} value={list[at]?.value ?? ""} note={list[at]?.label ?? ""} ltr={field === "phone"} onSave={(value) => put(at, value)} />
    ));
  };

  return (
    <aside className="panel" aria-label={title}>
      <div className="head" style={{ padding: "0 12px 0 16px" }}>
        <span className="sp" />
        <button type="button" className="btn ic gh sm" aria-label="Move to bin" title="Move to bin" onClick={onBin}><Trash2 /></button>
        <button type="button" className="btn ic gh sm" aria-label="Close" onClick={onClose}><X /></button>
      </div>
      <div className="scroll">
        <div className="sect">
          <div className="row g12">
            <Avatar name={title} organization={values.kind === "organization"} size="s40" />
            <div className="col sp">
              <h2 className="t16 ell"><bdi>{title}</bdi></h2>
              <span className="mut ell">{[values.job_title, values.company].filter(Boolean).join(" at ")}</span>
            </div>
          </div>
          {values.preferences && <div className="note acc" style={{ marginTop: 12 }}><Sparkles /><span>{values.preferences}</span></div>}
        </div>
        <div className="sect">
          <dl>
            {text("name")}
            {items("email")}
            {items("phone")}
            {text("company")}
            {text("job_title")}
            {text("stage")}
            <Row label="Tags" value={(values.tags ?? []).join(", ")} onSave={(value) => save("tags", value.split(",").map((tag) => tag.trim()).filter(Boolean))}>
              {(values.tags ?? []).map((tag) => <span key={tag} className="tag" style={{ "--h": hue(tag) } as React.CSSProperties}>{tag}</span>)}
            </Row>
            {text("description")}
            {text("preferences")}
            {items("handle")}
            {items("url")}
            {items("date")}
            {(values.address ?? []).map((item) => <Fact key={item.value} label={item.label ? `Address, ${item.label}` : "Address"} value={item.value} />)}
            {(values.external_id ?? []).map((link) => <Fact key={link.connector + link.external_id} label="External ID" value={link.external_id} note={link.connector} mono />)}
            {Object.entries(values.custom ?? {}).map(([key, value]) => (
              <Row key={key} label={fieldLabel(key)} value={String(value)} onSave={(next) => save(`custom.${key}`, next === "" ? null : next)} />
            ))}
            <Fact label="Source" value={values.source ?? ""} />
            {values.last_seen !== undefined && <Fact label="Last seen" value={new Date(values.last_seen).toLocaleString("en-GB")} />}
            <Fact label="Conversations" value={String(values.conversation_count ?? 0)} />
            <Fact label="Id" value={id} mono />
          </dl>
        </div>
        {values.metadata && <details className="sect"><summary className="mut">Raw metadata</summary><pre className="mono">{JSON.stringify(JSON.parse(values.metadata), null, 2)}</pre></details>}
        <div className="tabs"><button type="button" className="on">Timeline<span className="n">{timeline.length}</span></button></div>
        <ol className="tl">{timeline.map((entry, at) => <Happened key={`${entry.at}${at}`} entry={entry} />)}</ol>
      </div>
    </aside>
  );
}

interface RowProps {
  label: string;
  value: string;
  note?: string;
  ltr?: boolean;
  onSave(value: string): void;
  children?: React.ReactNode;
}

/** A field that becomes an input when it is clicked or entered; Esc takes the typing back. */
function Row({ label, value, note, ltr, onSave, children }: RowProps) {
  const [draft, setDraft] = useState<string | null>(null);
  const done = () => {
    if (draft !== null && draft !== value) onSave(draft);
    setDraft(null);
  };
  return (
    <div className="fl">
      <dt>{label}</dt>
      <dd>
        {draft === null ? (
          <button type="button" className={`fedit ${ltr ? "ltr num" : ""}`} onClick={() => setDraft(value)}>
            <span className="visually-hidden">Edit {label || "further value"}: </span>
            {value ? (children ?? <bdi className="ell">{value}</bdi>) : <span className="fnt">Add</span>}
          </button>
        ) : (
          <span className="inp">
            <input autoFocus value={draft} aria-label={label} onChange={(e) => setDraft(e.target.value)} onBlur={done}
              onKeyDown={(e) => { if (e.key === "Enter") done(); if (e.key === "Escape") setDraft(null); e.stopPropagation(); }} />
          </span>
        )}
      </dd>
      <dd className="pv">{note}</dd>
    </div>
  );
}

function Fact({ label, value, note, mono }: { label: string; value: string; note?: string; mono?: boolean }) {
  return (
    <div className="fl">
      <dt>{label}</dt>
      <dd className={`fact ${mono ? "mono" : ""}`}>{value}</dd>
      <dd className="pv">{note}</dd>
    </div>
  );
}

const ICONS: Record<string, typeof Pencil> = { import: Download, contact_create: FilePlus2, contact_bin: Trash2, contact_restore: RotateCcw, contact_tag: TagIcon, undo: RotateCcw, redo: RotateCcw };

function Happened({ entry }: { entry: TimelineEntry }) {
  const Icon = ICONS[entry.kind] ?? Pencil;
  const made = entry.changes.length === 0;
  return (
    <li>
      <span className="d"><Icon /></span>
      <div>
        <b className="w5">{OPERATIONS[entry.kind] ?? entry.kind}</b> {entry.kind === "import" && <span className="mut">{entry.subject}</span>}
        {made && entry.kind === "import" && <div className="t12 mut">Made from this file</div>}
        {entry.changes.slice(0, 6).map((change) => (
          <div key={change.field} className="diff">
            <span className="mut">{fieldLabel(change.field)}</span>
            {change.old && <bdi className="was">{change.old}</bdi>}
            <bdi className="w5">{change.new || "empty"}</bdi>
          </div>
        ))}
      </div>
      <time dateTime={entry.at}>{day(new Date(entry.at))}, {time(entry.at)}</time>
    </li>
  );
}
