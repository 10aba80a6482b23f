import { Ban, Check, CheckSquare, Pencil, Pin, PinOff, Plus, Star, Trash2 } from "lucide-react";
import { type ReactNode, useState } from "react";
import { useAction, useCommand } from "../../api/cache";
import type { MemoryView, NoteView, PartsView, TaskView } from "../../api/generated/commands";
import { sentence } from "../../api/host";
import { count, moment } from "../../text/en";
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
    ["timeline", "Timeline", events],
    ["conversations", "Conversations", data?.conversations.length ?? 0],
    ["notes", "Notes", data?.notes.length ?? 0],
    ["tasks", "Tasks", data?.tasks.filter(isOpen).length ?? 0],
    ["memories", "Memories", data?.memories.length ?? 0],
    ["files", "Files", data?.spaces.reduce((sum, space) => sum + space.files.length, 0) ?? 0],
    ["ratings", "Ratings", data?.ratings.length ?? 0],
    ["secrets", "Secrets", data?.secrets.length ?? 0],
    ["access", "Access", 0],
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
      <div className="tabs" role="tablist" aria-label="Parts of the card" onKeyDown={move}>
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
        {tab === "json" && <pre className="firstlines mono" tabIndex={0} role="region" aria-label="The card as JSON">{JSON.stringify(json, null, 2)}</pre>}
      </div>
    </div>
  );
}

/** A task that still waits to be done. */
const isOpen = (task: TaskView) => task.nextRunAt !== null || (task.status !== "canceled" && task.outcome !== "success");

/** The relationship in one line: last contact, next task, chats, rating. */
export function Summary({ id, lastSeen, chats }: { id: string; lastSeen: number | undefined; chats: number }) {
  const parts = useCommand("part_list", { id });
  const data = parts.data;
  const next = data?.tasks.find(isOpen);
  const latest = data?.conversations[0];
  const facts: [string, string, string][] = [
    ["Last contact", lastSeen === undefined ? "Never" : moment(new Date(lastSeen)), latest ? `${latest.platform}${latest.title && `, ${latest.title}`}` : ""],
    ["Next task", next?.title ?? "None", next?.nextRunAt ? moment(new Date(next.nextRunAt)) : next ? "no time" : ""],
    ["Conversations", String(chats), data ? count(data.conversations.reduce((sum, one) => sum + one.messages, 0), "message here", "messages here") : ""],
    ["Average rating", data?.rating ? `${data.rating.toFixed(1)} of 5` : "None", data?.ratings.length ? count(data.ratings.length, "rating", "ratings") : ""],
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
        {onCancel && <button type="button" className="btn gh sm" onClick={onCancel}>Cancel</button>}
        <button type="submit" className="btn sm" disabled={!text.trim()}>{!value && <Plus />} {button}</button>
      </div>
    </form>
  );
}

function Notes({ contact, notes, undoing }: { contact: string; notes: NoteView[]; undoing: Props["undoing"] }) {
  const put = useAction("note_put");
  const remove = useAction("part_remove");
  const say = useSaying(undoing);
  const [editing, setEditing] = useState<string | null>(null);
  const [internal, setInternal] = useState(false);
  return (
    <>
      <Writer label="Write a note" button="Add note" onSave={(text, done) => put.mutate({ contact, id: null, text, internal }, say("Note added", done))}>
        <label className="row g6 t12 mut"><input type="checkbox" checked={internal} onChange={(event) => setInternal(event.target.checked)} /> Internal</label>
      </Writer>
      <ul className="plist2">
        {notes.map((note) => (
          <li key={note.id}>
            {editing === note.id ? (
              <Writer label="Note" button="Save" value={note.text} onCancel={() => setEditing(null)} onSave={(text) => put.mutate({ contact, id: note.id, text, internal: note.internal }, say("Note changed", () => setEditing(null)))} />
            ) : (
              <>
                <div className="sp" data-text>
                  <p className="ptext">{note.text}</p>
                  <p className="t12 mut">{note.author}, <bdi>{moment(new Date(note.createdAt))}</bdi>{note.updatedAt !== note.createdAt && ", edited"}{note.internal && <> <span className="bdg warn">Internal</span></>}</p>
                </div>
                <Tool name={`Edit the note ${note.text.slice(0, 24)}`} icon={<Pencil />} onClick={() => setEditing(note.id)} />
                <Tool name={`Delete the note ${note.text.slice(0, 24)}`} icon={<Trash2 />} onClick={() => remove.mutate({ id: note.id }, say("Note deleted"))} />
              </>
            )}
          </li>
        ))}
      </ul>
      {notes.length === 0 && <p className="pad mut">Nothing was noted yet.</p>}
    </>
  );
}

const REPEATS: [string, string][] = [["", "Once"], ["FREQ=DAILY", "Every day"], ["FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "On weekdays"], ["FREQ=WEEKLY", "Every week"], ["FREQ=MONTHLY", "Every month"], ["FREQ=YEARLY", "Every year"]];
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
    put.mutate({ contact, id: null, title: title.trim(), startsAt, rule, zone: rule ? here : "" }, say("Task added", () => { setTitle(""); setAt(""); setRule(""); }));
  };
  const now = Date.now();
  return (
    <>
      <form className="writer" onSubmit={(event) => { event.preventDefault(); add(); }}>
        <span className="inp"><input aria-label="What is to be done" placeholder="What is to be done" value={title} onChange={(event) => setTitle(event.target.value)} /></span>
        <div className="row g8 wrap">
          <span className="inp"><input type="datetime-local" aria-label="When" value={at} onChange={(event) => setAt(event.target.value)} /></span>
          <select className="fsel" aria-label="How often" value={rule} onChange={(event) => setRule(event.target.value)}>
            {REPEATS.map(([key, label]) => <option key={key} value={key}>{label}</option>)}
          </select>
          <span className="sp" />
          <button type="submit" className="btn sm" disabled={!title.trim()}><Plus /> Add task</button>
        </div>
      </form>
      <ul className="plist2">
        {tasks.map((task) => {
          const open = isOpen(task);
          const late = task.nextRunAt !== null && Date.parse(task.nextRunAt) < now;
          return (
            <li key={task.id}>
              {open && <Tool name={`Done: ${task.title}`} icon={<CheckSquare />} onClick={() => done.mutate({ id: task.id }, say(`Done: ${task.title}`))} />}
              <div className="sp">
                <p className={open ? "w5" : "mut"}>{task.title}</p>
                <p className="t12 mut">
                  {task.nextRunAt && <span className={late ? "warn" : ""}>{late ? "was due " : "due "}<bdi>{moment(new Date(task.nextRunAt))}</bdi></span>}
                  {!task.nextRunAt && open && "no time"}
                  {!open && (task.status === "canceled" ? "canceled" : <>done <bdi>{task.lastRunAt && moment(new Date(task.lastRunAt))}</bdi></>)}
                  {task.rule && `, ${(REPEATS.find(([key]) => key === task.rule)?.[1] ?? task.rule).toLowerCase()}`}
                </p>
              </div>
              {!open && task.outcome === "success" && <span className="bdg ok"><Check /> Done</span>}
              {open && <Tool name={`Cancel ${task.title}`} icon={<Ban />} onClick={() => cancel.mutate({ id: task.id }, say(`Canceled: ${task.title}`))} />}
              <Tool name={`Delete ${task.title}`} icon={<Trash2 />} onClick={() => remove.mutate({ id: task.id }, say("Task deleted"))} />
            </li>
          );
        })}
      </ul>
      {tasks.length === 0 && <p className="pad mut">Nothing is to be done.</p>}
    </>
  );
}

function Memories({ contact, memories, undoing }: { contact: string; memories: MemoryView[]; undoing: Props["undoing"] }) {
  const put = useAction("memory_put");
  const remove = useAction("part_remove");
  const say = useSaying(undoing);
  const [editing, setEditing] = useState<string | null>(null);
  return (
    <>
      <Writer label="What is worth remembering" button="Remember" onSave={(text, done) => put.mutate({ contact, id: null, text, pinned: false }, say("Remembered", done))} />
      <ul className="plist2">
        {memories.map((memory) => (
          <li key={memory.id}>
            {editing === memory.id ? (
              <Writer label="Memory" button="Save" value={memory.text} onCancel={() => setEditing(null)} onSave={(text) => put.mutate({ contact, id: memory.id, text, pinned: memory.pinned }, say("Memory changed", () => setEditing(null)))} />
            ) : (<>
            <div className="sp" data-text>
              <p className="ptext">{memory.text}</p>
              <p className="t12 mut">{memory.author}, <bdi>{moment(new Date(memory.createdAt))}</bdi>{memory.confidence !== null && `, ${Math.round(memory.confidence * 100)} % sure`}{memory.pinned && <> <span className="bdg acc"><Pin /> Pinned</span></>}</p>
            </div>
            <Tool name={`Edit the memory ${memory.text.slice(0, 24)}`} icon={<Pencil />} onClick={() => setEditing(memory.id)} />
            <Tool name={`${memory.pinned ? "Unpin" : "Pin"} ${memory.text.slice(0, 24)}`} icon={memory.pinned ? <PinOff /> : <Pin />}
              onClick={() => put.mutate({ contact, id: memory.id, text: memory.text, pinned: !memory.pinned }, say(memory.pinned ? "Unpinned" : "Pinned"))} />
            <Tool name={`Forget ${memory.text.slice(0, 24)}`} icon={<Trash2 />} onClick={() => remove.mutate({ id: memory.id }, say("Forgotten"))} />
            </>)}
          </li>
        ))}
      </ul>
      {memories.length === 0 && <p className="pad mut">Nothing is remembered. What agents keep in mind stands here too, to be corrected or forgotten.</p>}
    </>
  );
}

function Ratings({ contact, data, undoing }: { contact: string; data: PartsView; undoing: Undoing }) {
  const put = useAction("rating_put");
  const remove = useAction("part_remove");
  const say = useSaying(undoing);
  const [value, setValue] = useState(5);
  const [reason, setReason] = useState("");
  return (
    <>
      <form className="writer" onSubmit={(event) => { event.preventDefault(); put.mutate({ contact, value, reason, conversation: null, message: null }, say("Rating added", () => setReason(""))); }}>
        <div className="row g8">
          <select className="fsel" style={{ width: 96, flex: "none" }} aria-label="Rating" value={value} onChange={(event) => setValue(Number(event.target.value))}>{[5, 4, 3, 2, 1].map((one) => <option key={one} value={one}>{one} of 5</option>)}</select>
          <span className="inp sp"><input aria-label="Why, in the contact's words" placeholder="Why, in the contact's words" value={reason} onChange={(event) => setReason(event.target.value)} /></span>
          <button type="submit" className="btn sm"><Plus /> Add rating</button>
        </div>
      </form>
      {data.rating !== null && <p className="pad row g6"><Star /> <b>{data.rating.toFixed(1)}</b> of 5 in {count(data.ratings.length, "rating", "ratings")}</p>}
      <ul className="plist2">
        {data.ratings.map((rating) => (
          <li key={rating.id}><b className="num">{rating.value}</b><div className="sp"><p className="ptext">{rating.reason}</p><p className="t12 mut"><bdi>{moment(new Date(rating.at))}</bdi></p></div>
            <Tool name={`Delete the rating ${rating.value}`} icon={<Trash2 />} onClick={() => remove.mutate({ id: rating.id }, say("Rating deleted"))} /></li>
        ))}
      </ul>
      {data.ratings.length === 0 && <p className="pad mut">Nobody rated a reply yet.</p>}
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
    <section className="sect" aria-label="Payment accounts">
      <div className="row"><h3 className="h2">Payment accounts</h3><span className="sp" /><button type="button" className="linkb" aria-label="Add a payment account" aria-expanded={open} onClick={() => setOpen(!open)}>Add</button></div>
      {all.map((one) => (
        <div key={one.id} className="row g8 pay"><span className="sp ell"><code className="mono">{one.account}</code> <span className="mut">{[one.label, one.email].filter(Boolean).join(", ")}</span></span>
          <Tool name={`Delete ${one.account}`} icon={<Trash2 />} onClick={() => remove.mutate({ id: one.id }, say("Payment account deleted"))} /></div>
      ))}
      {open && (
        <form className="col g6" onKeyDown={(event) => { if (event.key === "Escape") { event.stopPropagation(); setOpen(false); } }}
          onSubmit={(event) => { event.preventDefault(); if (draft.account.trim()) put.mutate({ contact, id: null, ...draft }, say("Payment account added", () => { setDraft(empty); setOpen(false); })); }}>
          {field("account", "Id at the provider, as in cus_81F3K2")}{field("label", "Label, as in Stripe")}{field("email", "Email there")}
          <div className="row g8"><span className="sp" /><button type="submit" className="btn sm" disabled={!draft.account.trim()}><Plus /> Add account</button></div>
        </form>
      )}
    </section>
  );
}
