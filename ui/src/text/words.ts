import type { MessageDescriptor } from "@lingui/core";
import { i18n } from "@lingui/core";
import { msg, plural, t } from "@lingui/core/macro";

/** Words that several screens use, and how numbers, days and sizes are written. */

/** How numbers and dates are written, which may be another language's way than the words'. */
let [number, dates] = [new Intl.NumberFormat("en"), "en-GB"];

/** Takes the way of a language (BCP 47); without one that of the words. */
export function formatAs(language: string): void {
  const spoken = i18n.locale === "en" || !i18n.locale ? "" : i18n.locale;
  number = new Intl.NumberFormat(language || spoken || "en");
  dates = language || spoken || "en-GB";
}

export const n = (count: number) => number.format(count);
/** `4.0` */
export const decimal = (value: number) => new Intl.NumberFormat(number.resolvedOptions().locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(value);
/** `1.2M` */
export const short = (value: number) => new Intl.NumberFormat(number.resolvedOptions().locale, { notation: "compact", maximumFractionDigits: 1 }).format(value);
/** `38.2 %` */
export const share = (part: number, whole: number) => new Intl.NumberFormat(number.resolvedOptions().locale, { style: "percent", maximumFractionDigits: 1 }).format(whole === 0 ? 0 : part / whole);
/** `2026-11` as `November 2026`, or `Nov`. */
export const month = (text: string, brief = false) => new Intl.DateTimeFormat(dates, { timeZone: "UTC", ...(brief ? { month: "short" } : { month: "long", year: "numeric" }) }).format(new Date(`${text}-01T00:00:00Z`));
/** `1,048,576 contacts` */
export const contacts = (amount: number) => plural(amount, { one: `${n(amount)} contact`, other: `${n(amount)} contacts` });
/** What an undo did, or a redo: `Undone: 3 restored, 2 kept because you edited them`. Of what there was none, nothing is said. */
export function reversed({ removed, restored, kept: { length: kept } }: { removed: number; restored: number; kept: unknown[] }, again = false): string {
  const parts = [removed > 0 && t`${{ amount: n(removed) }} removed`, restored > 0 && t`${{ amount: n(restored) }} restored`, kept > 0 && plural(kept, { one: `${n(kept)} kept because you edited it`, other: `${n(kept)} kept because you edited them` })];
  const what = parts.filter(Boolean).join(", ");
  if (what === "") return again ? t`Done again` : t`Undone`;
  return again ? t`Done again: ${what}` : t`Undone: ${what}`;
}
/** `12 rows` */
export const rowsOf = (amount: number) => plural(amount, { one: `${n(amount)} row`, other: `${n(amount)} rows` });
/** `Loaded 500 contacts who do not exist` */
export const loaded = (amount: number) => plural(amount, { one: `Loaded ${n(amount)} contact who does not exist`, other: `Loaded ${n(amount)} contacts who do not exist` });

/** `ES` as `Spain`; a code that no country has as it is. */
export function country(code: string): string {
  try {
    return new Intl.DisplayNames([i18n.locale || "en"], { type: "region" }).of(code) ?? code;
  } catch {
    return code;
  }
}

/** `6.2 MB` */
export function bytes(size: number): string {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;
  const step = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, size)) / 3));
  const unit = units[step] ?? "byte";
  return new Intl.NumberFormat(number.resolvedOptions().locale, { style: "unit", unit, unitDisplay: step === 0 ? "long" : "short", maximumFractionDigits: 1 }).format(size / 1000 ** step);
}

const FIELDS: Record<string, MessageDescriptor> = {
  kind: msg`Kind`,
  name: msg`Name`,
  name_parts: msg`Name parts`,
  nick: msg`Nickname`,
  email: msg`Email`,
  "email.first": msg`First email`,
  phone: msg`Phone`,
  "phone.first": msg`First phone`,
  company: msg`Company`,
  company_id: msg`Company card`,
  job_title: msg`Job title`,
  department: msg`Department`,
  stage: msg`Stage`,
  tier: msg`Access tier`,
  identity: msg`Identity`,
  verified_at: msg`Verified on`,
  verified_by: msg`Verified by`,
  tags: msg`Tags`,
  description: msg`Description`,
  preferences: msg`Preferences`,
  handle: msg`Handle`,
  address: msg`Address`,
  url: msg`Website`,
  date: msg`Date`,
  external_id: msg`External ID`,
  source: msg`Source`,
  page_url: msg`Page`,
  ip_country: msg`Country by IP`,
  first_seen: msg`First seen`,
  last_seen: msg`Last seen`,
  conversation_count: msg`Conversations`,
  metadata: msg`Metadata`,
  created_at: msg`Created`,
  updated_at: msg`Updated`,
  binned_at: msg`Bin`,
  archived_at: msg`Archive`,
  stage_by: msg`Stage set by`,
  stage_since: msg`In stage since`,
};

/** A field by the word of the catalogue; a custom field by its key. */
export function fieldLabel(key: string): string {
  const known = FIELDS[key];
  return known ? i18n._(known) : key.replace(/^custom\./, "").replaceAll("_", " ").replace(/^./, (c) => c.toUpperCase());
}

const OPERATIONS: Record<string, MessageDescriptor> = {
  contact_create: msg`New contact`,
  contact_edit: msg`Edited`,
  contact_tag: msg`Tagged`,
  contact_bin: msg`Moved to bin`,
  contact_restore: msg`Restored from bin`,
  import: msg`Imported`,
  sample_load: msg`Sample data loaded`,
  sample_remove: msg`Sample data removed`,
  tag_change: msg`Tags changed`,
  field_change: msg`Fields changed`,
  ingest: msg`Received from another program`,
  contact_join: msg`Linked`,
  contact_combine: msg`Merged`,
  contact_distinguish: msg`Said to be two people:`,
  contact_archive: msg`Archived`,
  contact_unarchive: msg`Back from the archive`,
  cell_edit: msg`Cells edited`,
  bin_empty: msg`Bin emptied`,
  rule_run: msg`Rule ran:`,
  sync_run: msg`Synced with`,
  sync_decide: msg`Conflicts decided`,
  undo: msg`Undone`,
  redo: msg`Done again`,
  rollback: msg`Taken back after a crash`,
};

/** What was done, as the history says it before its subject; a change of a part says it all in its subject. */
export function operationWord(kind: string): string {
  const known = OPERATIONS[kind];
  return known ? i18n._(known) : kind === "part_change" ? "" : kind;
}

/** Those who are no person and no client, and the person at this computer. */
const ACTORS: Record<string, MessageDescriptor> = { you: msg`you`, "a rule": msg`a rule`, "drop folder": msg`drop folder` };

/** The doors through which somebody does something. */
const DOORS: Record<string, MessageDescriptor> = {
  window: msg`in the window`,
  cli: msg`on the command line`,
  api: msg`through the API`,
  agent: msg`as an agent`,
  sync: msg`by sync`,
  automation: msg({ message: "by itself", context: "door" }),
  reminder: msg`by a reminder`,
  retention: msg`by a time limit`,
  recovery: msg`by recovery`,
  restore: msg`by a restore`,
};

/** `you, on the command line` */
export function byWhom(actor: string, origin: string): string {
  const [known, door] = [ACTORS[actor], DOORS[origin]];
  const who = known ? i18n._(known) : actor === "cardfile" ? "Cardfile" : actor;
  return door ? t`${who}, ${{ door: i18n._(door) }}` : who;
}

/** With a capital first. */
export const capital = (text: string) => text.replace(/^./u, (c) => c.toLocaleUpperCase());

/** The words by which the log calls parts: `note: Call back on Friday`. */
const LOGGED: Record<string, MessageDescriptor> = {
  note: msg`note`,
  task: msg`task`,
  memory: msg`memory`,
  conversation: msg`conversation`,
  message: msg`message`,
  rating: msg`rating`,
  activity: msg`activity`,
  "payment account": msg`payment account`,
  picture: msg`picture`,
  space: msg`space`,
  "space on this card": msg`space on this card`,
  file: msg`file`,
  secret: msg`secret`,
  "knowledge base": msg`knowledge base`,
  rule: msg`rule`,
  "two people": msg`two people`,
  view: msg`view`,
  recipe: msg`recipe`,
  "automation rule": msg`automation rule`,
};

/** `3 rows: company, stage`, as the log says which cells were edited. */
function cellsOf(logged: string): string {
  const [, rows, keys = ""] = /^(\d+) rows?: (.*)$/s.exec(logged) ?? [];
  if (rows === undefined) return logged;
  // Words of ours stand inside of the sentence; what somebody called a field stays as it is written.
  const inside = (key: string) => (Object.hasOwn(FIELDS, key) ? fieldLabel(key).replace(/^./u, (c) => c.toLocaleLowerCase()) : fieldLabel(key));
  const [part, title] = [rowsOf(Number(rows)), keys.split(", ").map(inside).join(", ")];
  return t`${part}: ${title}`;
}

/** `Ana and Bo`, as the log names two cards. Where one of them is called so too, nobody knows which word joins them. */
function pairOf(logged: string): string {
  const [left = "", right, ...more] = logged.split(" and ");
  return right === undefined || more.length > 0 ? logged : both([left, right]);
}

/** A name by the letters that decide which word joins it: Spanish says `e` before the sound of an i, also in Íñigo and Yves. */
const heard = (name: string) => name.normalize("NFD").replace(/\p{M}/gu, "").replace(/^y(?=[^aeiou])/iu, "i");

/** Two names, joined as the language does. */
function both(names: [string, string]): string {
  const list = new Intl.ListFormat(i18n.locale || "en").formatToParts(names.map(heard));
  const left = [...names];
  return list.map(({ type, value }) => (type === "element" ? left.shift() ?? value : value)).join("");
}

/** What an operation was about. Names are as they were; words of the log are those of the language, as far as it can be told that they are words. */
export function subjectOf(kind: string, logged: string): string {
  if (kind === "cell_edit") return cellsOf(logged);
  if (kind === "contact_combine" || kind === "contact_distinguish") return pairOf(logged);
  const [word = "", ...title] = logged.split(": ");
  const known = kind === "part_change" && Object.hasOwn(LOGGED, word) ? LOGGED[word] : undefined;
  if (!known) return logged;
  const part = i18n._(known);
  return title.length > 0 ? t`${part}: ${{ title: title.join(": ") }}` : part;
}

/** Of which field one says which of several is the first: it goes nowhere without them. */
export const wholeOf = (field: string) => /^(email|phone)\.first$/.exec(field)?.[1];

/** A stage as a heading: as it is written, with a capital. */
export const stageLabel = capital;

/** Kinds of parts: how many of them, and all of them as a heading. */
const PARTS: Record<string, { amount(of: number): string; heading: MessageDescriptor }> = {
  note: { amount: (of) => plural(of, { one: `${n(of)} note`, other: `${n(of)} notes` }), heading: msg`Notes` },
  task: { amount: (of) => plural(of, { one: `${n(of)} task`, other: `${n(of)} tasks` }), heading: msg`Tasks` },
  memory: { amount: (of) => plural(of, { one: `${n(of)} memory`, other: `${n(of)} memories` }), heading: msg`Memories` },
  conversation: { amount: (of) => plural(of, { one: `${n(of)} conversation`, other: `${n(of)} conversations` }), heading: msg`Conversations` },
  rating: { amount: (of) => plural(of, { one: `${n(of)} rating`, other: `${n(of)} ratings` }), heading: msg`Ratings` },
  activity: { amount: (of) => plural(of, { one: `${n(of)} activity`, other: `${n(of)} activities` }), heading: msg`Activities` },
  payment_account: { amount: (of) => plural(of, { one: `${n(of)} payment account`, other: `${n(of)} payment accounts` }), heading: msg`Payment accounts` },
  avatar: { amount: (of) => plural(of, { one: `${n(of)} picture`, other: `${n(of)} pictures` }), heading: msg`Pictures` },
  placement: { amount: (of) => plural(of, { one: `${n(of)} space`, other: `${n(of)} spaces` }), heading: msg`Spaces` },
  secret: { amount: (of) => plural(of, { one: `${n(of)} secret`, other: `${n(of)} secrets` }), heading: msg`Secrets` },
  rule: { amount: (of) => plural(of, { one: `${n(of)} rule`, other: `${n(of)} rules` }), heading: msg`Rules` },
  message: { amount: (of) => plural(of, { one: `${n(of)} message`, other: `${n(of)} messages` }), heading: msg`Messages` },
  automation: { amount: (of) => plural(of, { one: `${n(of)} automation rule`, other: `${n(of)} automation rules` }), heading: msg`Automation rules` },
  file: { amount: (of) => plural(of, { one: `${n(of)} file`, other: `${n(of)} files` }), heading: msg`Files` },
};

/** `3 notes` */
export const partsOf = (kind: string, amount: number) => PARTS[kind]?.amount(amount) ?? `${n(amount)} ${kind}`;

/** `Notes` */
export function partsHeading(kind: string): string {
  const known = PARTS[kind];
  return known ? i18n._(known.heading) : kind;
}

const minutesSince = (iso: string, now: Date) => Math.floor((now.getTime() - new Date(iso).getTime()) / 60_000);

/** Whether `ago` says how long it is, and not which day it was. */
export function isLately(iso: string | null, now = new Date()): boolean {
  const minutes = iso ? minutesSince(iso, now) : -1;
  return minutes >= 0 && minutes < 7 * 1440;
}

/** `2 h`, `3 d`, `12 Mar`: short, for a column. */
export function ago(iso: string | null, now = new Date()): string {
  if (!iso) return "";
  if (!isLately(iso, now)) return day(new Date(iso), now);
  const minutes = minutesSince(iso, now);
  const [hours, days] = [Math.floor(minutes / 60), Math.floor(minutes / 1440)];
  return minutes < 1 ? t`< 1 min` : minutes < 60 ? t`${minutes} min` : minutes < 1440 ? t`${hours} h` : t`${days} d`;
}

export function day(at: Date, now = new Date()): string {
  const year = at.getFullYear() === now.getFullYear() ? {} : ({ year: "numeric" } as const);
  return new Intl.DateTimeFormat(dates, { day: "numeric", month: "short", ...year }).format(at);
}

/** A time in RFC 3339 as a person reads it; any other text as it is. */
export const told = (text: string) => (/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(text) ? moment(new Date(text)) : text);

export const time = (iso: string) =>
  new Intl.DateTimeFormat(dates, { hour: "2-digit", minute: "2-digit" }).format(new Date(iso));

/** Day and time in full. */
export const moment = (at: Date) => new Intl.DateTimeFormat(dates, { dateStyle: "medium", timeStyle: "short" }).format(at);
