import type { MessageDescriptor } from "@lingui/core";
import { i18n } from "@lingui/core";
import { msg, plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Ban, Check, CheckSquare, Pencil, Pin, PinOff, Plus, Star, Trash2 } from "lucide-react";
import { type ReactNode, useState } from "react";
import { useAction, useCommand } from "../../api/cache";
import type { MemoryView, NoteView, PartsView, TaskView } from "../../api/generated/commands";
import { sentence } from "../../api/host";
import { decimal, moment, n, partsOf } from "../../text/words";
import { PersonPrivacy } from "../../components/person-privacy";
import { Tool, type Undoing, useSaying } from "../../components/tool";
import type { Tab } from "../../places";
import { Access } from "./access";
import { Files } from "./files";
import { Secrets } from "./secrets";
import { Transcript } from "./transcript";
import "../../components/parts.css";

interface Props {
  id: string;
  /** What to call the contact. */
  name: string;
  timeline: ReactNode;
  events: number;
  undoing: Undoing;
  /** The tab it begins with. */
  begin?: Tab | undefined;
  /** All its fields as they are stored. */
  json: unknown;
}


/** What belongs to a card beside its fields, a tab for each kind. */
export function Parts({ id, begin, name, timeline, events, undoing, json }: Props) {
  const [tab, setTab] = useState<Tab>(begin ?? "timeline");
  const parts = useCommand("part_list", { id });
  const data = parts.data;
  const tabs: [Tab, string, number][] = [
    ["timeline", t`Timeline`, events],
    ["conversations", t`Conversations`, data?.conversations.length ?? 0],
    ["notes", t`Notes`, data?.notes.length ?? 0],
    ["tasks", t`Tasks`, data?.tasks.filter(isOpen).length ?? 0],
    ["memories", t`Memories`, data?.memories.length ?? 0],
    ["files", t`Files`, data?.spaces.reduce((sum, space) => sum + space.files.length, 0) ?? 0],
    ["ratings", t`Ratings`, data?.ratings.length ?? 0],
    ["secrets", t`Secrets`, data?.secrets.length ?? 0],
    ["access", t`Access`, 0],
    ["privacy", t`Privacy`, 0],
    ["json", "JSON", 0],
  ];
  const move = (event: React.KeyboardEvent) => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const at = tabs.findIndex(([key]) => key === tab);
    const next = tabs[(at + step + tabs.length) % tabs.length];
    if (next) {
      setTab(next[0]);
      const button = document.getElementById(`tab-${next[0]}`);
      button?.focus();
      button?.scrollIntoView({ inline: "nearest", block: "nearest" });
    }
  };
  return (
    <div className="partsbox">
      <div className="tabs" role="tablist" aria-label={t`Parts of the card`} onKeyDown={move}>
        {tabs.map(([key, label, amount]) => (
          <button key={key} id={`tab-${key}`} type="button" role="tab" aria-selected={tab === key} aria-controls="part-panel" tabIndex={tab === key ? 0 : -1} className={tab === key ? "on" : ""} onClick={() => setTab(key)}>
            {label}{amount > 0 && <span className="n">{amount}</span>}
          </button>
        ))}
      </div>
      <div id="part-panel" role="tabpanel" aria-labelledby={`tab-${tab}`} className="parts">
        {parts.error && <p className="bad pad" role="alert">{sentence(parts.error)}</p>}
        {tab === "timeline" && timeline}
        {data && tab === "notes" && <Notes contact={id} notes={data.notes} undoing={undoing} />}
        {data && tab === "tasks" && <Tasks contact={id} tasks={data.tasks} undoing={undoing} />}
        {data && tab === "memories" && <Memories contact={id} memories={data.memories} undoing={undoing} />}
        {data && tab === "conversations" && <Transcript key={id} name={name} conversations={data.conversations} />}
        {data && tab === "files" && <Files contact={id} spaces={data.spaces} undoing={undoing} />}
        {data && tab === "ratings" && <Ratings contact={id} data={data} undoing={undoing} />}
        {data && tab === "secrets" && <Secrets contact={id} secrets={data.secrets} undoing={undoing} />}
        {tab === "access" && <Access contact={id} undoing={undoing} />}
        {tab === "privacy" && <PersonPrivacy contact={id} />}
        {tab === "json" && <pre className="firstlines mono" tabIndex={0} role="region" aria-label={t`The card as JSON`}>{JSON.stringify(json, null, 2)}</pre>}
      </div>
    </div>
  );
}

/** A task that still waits to be done. */
const isOpen = (task: TaskView) => task.nextRunAt !== null || (task.status !== "canceled" && task.outcome !== "success");

const ofFive = (value: string) => t`${value} of 5`;

/** The relationship in one line: last contact, next task, chats, rating. */
export function Summary({ id, lastSeen, chats }: { id: string; lastSeen: number | undefined; chats: number }) {
  const parts = useCommand("part_list", { id });
  const data = parts.data;
  const next = data?.tasks.find(isOpen);
  const latest = data?.conversations[0];
  const messages = data?.conversations.reduce((sum, one) => sum + one.messages, 0) ?? 0;
  const facts: [string, string, string][] = [
    [t`Last contact`, lastSeen === undefined ? t`Never` : moment(new Date(lastSeen)), latest ? `${latest.platform}${latest.title && `, ${latest.title}`}` : ""],
    [t`Next task`, next?.title ?? t({ message: "None", context: "task" }), next?.nextRunAt ? moment(new Date(next.nextRunAt)) : next ? t`no time` : ""],
    [t`Conversations`, String(chats), data ? plural(messages, { one: `${n(messages)} message here`, other: `${n(messages)} messages here` }) : ""],
    [t`Average rating`, data?.rating ? ofFive(decimal(data.rating)) : t({ message: "None", context: "rating" }), data?.ratings.length ? partsOf("rating", data.ratings.length) : ""],
  ];
  return <dl className="summary">{facts.map(([label, value, note]) => <div key={label}><dt>{label}</dt><dd className="w5 ell"><bdi>{value}</bdi></dd><dd className="mut t12 ell"><bdi>{note}</bdi></dd></div>)}</dl>;
}

interface WriterProps {
  label: string;
  button: string;
  value?: string;
  /** `done` is called when it is saved; until then the text stays. */
  onSave(text: string, done: () => void): void;
  onCancel?(): void;
  children?: ReactNode;
}

/** A text of several lines; Ctrl Enter saves, Esc gives up. */
function Writer({ label, button, value = "", onSave, onCancel, children }: WriterProps) {
  const [text, setText] = useState(value);
  const save = () => {
    if (!text.trim()) return;
    onSave(text.trim(), () => setText(""));
  };
  return (
    <form className="writer" onSubmit={(event) => { event.preventDefault(); save(); }}>
      <textarea aria-label={label} placeholder={label} rows={2} value={text} autoFocus={onCancel !== undefined} onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); save(); }
          if (event.key === "Escape") { event.stopPropagation(); onCancel ? onCancel() : setText(""); }
        }} />
      <div className="row g8">
        {children}
        <span className="sp" />
        {onCancel && <button type="button" className="btn gh sm" onClick={onCancel}><Trans>Cancel</Trans></button>}
        <button type="submit" className="btn sm" disabled={!text.trim()}>{!value && <Plus />} {button}</button>
      </div>
    </form>
  );
}

/** The first letters of a text, to name it by. */
const start = (text: string) => text.slice(0, 24);

function Notes({ contact, notes, undoing }: { contact: string; notes: NoteView[]; undoing: Props["undoing"] }) {
  const put = useAction("note_put");
  const remove = useAction("part_remove");
  const say = useSaying(undoing);
  const [editing, setEditing] = useState<string | null>(null);
  const [internal, setInternal] = useState(false);
  return (
    <>
      <Writer label={t`Write a note`} button={t`Add note`} onSave={(text, done) => put.mutate({ contact, id: null, text, internal }, say(t`Note added`, done))}>
        <label className="row g6 t12 mut"><input type="checkbox" checked={internal} onChange={(event) => setInternal(event.target.checked)} /> <Trans>Internal</Trans></label>
      </Writer>
      <ul className="plist2">
        {notes.map((note) => (
          <li key={note.id}>
            {editing === note.id ? (
              <Writer label={t`Note`} button={t`Save`} value={note.text} onCancel={() => setEditing(null)} onSave={(text) => put.mutate({ contact, id: note.id, text, internal: note.internal }, say(t`Note changed`, () => setEditing(null)))} />
            ) : (
              <>
                <div className="sp" data-text>
                  <p className="ptext">{note.text}</p>
                  <p className="t12 mut">{note.author}, <bdi>{moment(new Date(note.createdAt))}</bdi>{note.updatedAt !== note.createdAt && <>, <Trans context="note">edited</Trans></>}{note.internal && <> <span className="bdg warn"><Trans>Internal</Trans></span></>}</p>
                </div>
                <Tool name={t`Edit the note ${start(note.text)}`} icon={<Pencil />} onClick={() => setEditing(note.id)} />
                <Tool name={t`Delete the note ${start(note.text)}`} icon={<Trash2 />} onClick={() => remove.mutate({ id: note.id }, say(t`Note deleted`))} />
              </>
            )}
          </li>
        ))}
      </ul>
      {notes.length === 0 && <p className="pad mut"><Trans>Nothing was noted yet.</Trans></p>}
    </>
  );
}

/** How often, as a choice and within a line. */
const REPEATS: [string, MessageDescriptor, MessageDescriptor][] = [
  ["", msg`Once`, msg`once`],
  ["FREQ=DAILY", msg`Every day`, msg`every day`],
  ["FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", msg`On weekdays`, msg`on weekdays`],
  ["FREQ=WEEKLY", msg`Every week`, msg`every week`],
  ["FREQ=MONTHLY", msg`Every month`, msg`every month`],
  ["FREQ=YEARLY", msg`Every year`, msg`every year`],
];
const here = Intl.DateTimeFormat().resolvedOptions().timeZone;

function Tasks({ contact, tasks, undoing }: { contact: string; tasks: TaskView[]; undoing: Props["undoing"] }) {
  const put = useAction("task_put");
  const done = useAction("task_done");
  const cancel = useAction("task_cancel");
  const remove = useAction("part_remove");
  const say = useSaying(undoing);
  const [title, setTitle] = useState("");
  const [at, setAt] = useState("");
  const [rule, setRule] = useState("");
  const add = () => {
    if (!title.trim()) return;
    const startsAt = at ? new Date(at).toISOString() : null;
    put.mutate({ contact, id: null, title: title.trim(), startsAt, rule, zone: rule ? here : "" }, say(t`Task added`, () => { setTitle(""); setAt(""); setRule(""); }));
  };
  const now = Date.now();
  return (
    <>
      <form className="writer" onSubmit={(event) => { event.preventDefault(); add(); }}>
        <span className="inp"><input aria-label={t`What is to be done`} placeholder={t`What is to be done`} value={title} onChange={(event) => setTitle(event.target.value)} /></span>
        <div className="row g8 wrap">
          <span className="inp"><input type="datetime-local" aria-label={t`When`} value={at} onChange={(event) => setAt(event.target.value)} /></span>
          <select className="fsel" aria-label={t`How often`} value={rule} onChange={(event) => setRule(event.target.value)}>
            {REPEATS.map(([key, label]) => <option key={key} value={key}>{i18n._(label)}</option>)}
          </select>
          <span className="sp" />
          <button type="submit" className="btn sm" disabled={!title.trim()}><Plus /> <Trans>Add task</Trans></button>
        </div>
      </form>
      <ul className="plist2">
        {tasks.map((task) => {
          const open = isOpen(task);
          const late = task.nextRunAt !== null && Date.parse(task.nextRunAt) < now;
          const [name, due, finished] = [task.title, task.nextRunAt ? moment(new Date(task.nextRunAt)) : "", task.lastRunAt ? moment(new Date(task.lastRunAt)) : ""];
          const repeat = REPEATS.find(([key]) => key === task.rule)?.[2];
          return (
            <li key={task.id}>
              {open && <Tool name={t`Done: ${name}`} icon={<CheckSquare />} onClick={() => done.mutate({ id: task.id }, say(t`Done: ${name}`))} />}
              <div className="sp">
                <p className={open ? "w5" : "mut"}>{name}</p>
                <p className="t12 mut">
                  {due && <span className={late ? "warn" : ""}>{late ? <Trans>was due <bdi>{due}</bdi></Trans> : <Trans>due <bdi>{due}</bdi></Trans>}</span>}
                  {!due && open && t`no time`}
                  {!open && (task.status === "canceled" ? t({ message: "canceled", context: "task" }) : <Trans>done <bdi>{finished}</bdi></Trans>)}
                  {task.rule && `, ${repeat ? i18n._(repeat) : task.rule.toLowerCase()}`}
                </p>
              </div>
              {!open && task.outcome === "success" && <span className="bdg ok"><Check /> <Trans context="task">Done</Trans></span>}
              {open && <Tool name={t`Cancel ${name}`} icon={<Ban />} onClick={() => cancel.mutate({ id: task.id }, say(t`Canceled: ${name}`))} />}
              <Tool name={t`Delete ${name}`} icon={<Trash2 />} onClick={() => remove.mutate({ id: task.id }, say(t`Task deleted`))} />
            </li>
          );
        })}
      </ul>
      {tasks.length === 0 && <p className="pad mut"><Trans>Nothing is to be done.</Trans></p>}
    </>
  );
}

function sure(confidence: number): string {
  const percent = n(Math.round(confidence * 100));
  return t`${percent} % sure`;
}

function Memories({ contact, memories, undoing }: { contact: string; memories: MemoryView[]; undoing: Props["undoing"] }) {
  const put = useAction("memory_put");
  const remove = useAction("part_remove");
  const say = useSaying(undoing);
  const [editing, setEditing] = useState<string | null>(null);
  return (
    <>
      <Writer label={t`What is worth remembering`} button={t`Remember`} onSave={(text, done) => put.mutate({ contact, id: null, text, pinned: false }, say(t`Remembered`, done))} />
      <ul className="plist2">
        {memories.map((memory) => (
          <li key={memory.id}>
            {editing === memory.id ? (
              <Writer label={t`Memory`} button={t`Save`} value={memory.text} onCancel={() => setEditing(null)} onSave={(text) => put.mutate({ contact, id: memory.id, text, pinned: memory.pinned }, say(t`Memory changed`, () => setEditing(null)))} />
            ) : (<>
            <div className="sp" data-text>
              <p className="ptext">{memory.text}</p>
              <p className="t12 mut">{memory.author}, <bdi>{moment(new Date(memory.createdAt))}</bdi>{memory.confidence !== null && `, ${sure(memory.confidence)}`}{memory.pinned && <> <span className="bdg acc"><Pin /> <Trans>Pinned</Trans></span></>}</p>
            </div>
            <Tool name={t`Edit the memory ${start(memory.text)}`} icon={<Pencil />} onClick={() => setEditing(memory.id)} />
            <Tool name={memory.pinned ? t`Unpin ${start(memory.text)}` : t`Pin ${start(memory.text)}`} icon={memory.pinned ? <PinOff /> : <Pin />}
              onClick={() => put.mutate({ contact, id: memory.id, text: memory.text, pinned: !memory.pinned }, say(memory.pinned ? t`Unpinned` : t`Pinned`))} />
            <Tool name={t`Forget ${start(memory.text)}`} icon={<Trash2 />} onClick={() => remove.mutate({ id: memory.id }, say(t`Forgotten`))} />
            </>)}
          </li>
        ))}
      </ul>
      {memories.length === 0 && <p className="pad mut"><Trans>Nothing is remembered. What agents keep in mind stands here too, to be corrected or forgotten.</Trans></p>}
    </>
  );
}

function Ratings({ contact, data, undoing }: { contact: string; data: PartsView; undoing: Undoing }) {
  const put = useAction("rating_put");
  const remove = useAction("part_remove");
  const say = useSaying(undoing);
  const [value, setValue] = useState(5);
  const [reason, setReason] = useState("");
  const [mean, ratings] = [decimal(data.rating ?? 0), partsOf("rating", data.ratings.length)];
  return (
    <>
      <form className="writer" onSubmit={(event) => { event.preventDefault(); put.mutate({ contact, value, reason, conversation: null, message: null }, say(t`Rating added`, () => setReason(""))); }}>
        <div className="row g8">
          <select className="fsel" style={{ width: 96, flex: "none" }} aria-label={t`Rating`} value={value} onChange={(event) => setValue(Number(event.target.value))}>{[5, 4, 3, 2, 1].map((one) => <option key={one} value={one}>{ofFive(n(one))}</option>)}</select>
          <span className="inp sp"><input aria-label={t`Why, in the contact's words`} placeholder={t`Why, in the contact's words`} value={reason} onChange={(event) => setReason(event.target.value)} /></span>
          <button type="submit" className="btn sm"><Plus /> <Trans>Add rating</Trans></button>
        </div>
      </form>
      {data.rating !== null && <p className="pad row g6"><Star /> <Trans><b>{mean}</b> of 5 in {ratings}</Trans></p>}
      <ul className="plist2">
        {data.ratings.map((rating) => (
          <li key={rating.id}><b className="num">{rating.value}</b><div className="sp"><p className="ptext">{rating.reason}</p><p className="t12 mut"><bdi>{moment(new Date(rating.at))}</bdi></p></div>
            <Tool name={t`Delete the rating ${n(rating.value)}`} icon={<Trash2 />} onClick={() => remove.mutate({ id: rating.id }, say(t`Rating deleted`))} /></li>
        ))}
      </ul>
      {data.ratings.length === 0 && <p className="pad mut"><Trans>Nobody rated a reply yet.</Trans></p>}
    </>
  );
}

/** By what payment providers know the contact. */
export function Payments({ contact, undoing }: { contact: string; undoing: Undoing }) {
  const parts = useCommand("part_list", { id: contact });
  const put = useAction("payment_put");
  const remove = useAction("part_remove");
  const say = useSaying(undoing);
  const [open, setOpen] = useState(false);
  const empty = { label: "", account: "", email: "" };
  const [draft, setDraft] = useState(empty);
  const all = parts.data?.payments ?? [];
  const field = (key: keyof typeof empty, label: string) => <span className="inp"><input autoFocus={key === "account"} aria-label={label} placeholder={label} value={draft[key]} onChange={(event) => setDraft({ ...draft, [key]: event.target.value })} /></span>;
  return (
    <section className="sect" aria-label={t`Payment accounts`}>
      <div className="row"><h3 className="h2"><Trans>Payment accounts</Trans></h3><span className="sp" /><button type="button" className="linkb" aria-label={t`Add a payment account`} aria-expanded={open} onClick={() => setOpen(!open)}><Trans>Add</Trans></button></div>
      {all.map((one) => (
        <div key={one.id} className="row g8 pay"><span className="sp ell"><code className="mono">{one.account}</code> <span className="mut">{[one.label, one.email].filter(Boolean).join(", ")}</span></span>
          <Tool name={t`Delete ${one.account}`} icon={<Trash2 />} onClick={() => remove.mutate({ id: one.id }, say(t`Payment account deleted`))} /></div>
      ))}
      {open && (
        <form className="col g6" onKeyDown={(event) => { if (event.key === "Escape") { event.stopPropagation(); setOpen(false); } }}
          onSubmit={(event) => { event.preventDefault(); if (draft.account.trim()) put.mutate({ contact, id: null, ...draft }, say(t`Payment account added`, () => { setDraft(empty); setOpen(false); })); }}>
          {field("account", t`Id at the provider, as in cus_81F3K2`)}{field("label", t`Label, as in Stripe`)}{field("email", t`Email there`)}
          <div className="row g8"><span className="sp" /><button type="submit" className="btn sm" disabled={!draft.account.trim()}><Plus /> <Trans>Add account</Trans></button></div>
        </form>
      )}
    </section>
  );
}
