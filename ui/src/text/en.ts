/** Every word a person reads, in English. Plurals and numbers go through `Intl`. */
/** How numbers and dates are written; the words stay English. */
let [number, dates] = [new Intl.NumberFormat("en"), "en-GB"];
const plural = new Intl.PluralRules("en");

/** Takes the way of a language (BCP 47); nothing for ours. */
export function formatAs(language: string): void {
  number = new Intl.NumberFormat(language || "en");
  dates = language || "en-GB";
}

export const n = (count: number) => number.format(count);
/** `1.2M` */
export const short = (value: number) => new Intl.NumberFormat(number.resolvedOptions().locale, { notation: "compact", maximumFractionDigits: 1 }).format(value);
/** `38.2 %` */
export const share = (part: number, whole: number) => new Intl.NumberFormat(number.resolvedOptions().locale, { style: "percent", maximumFractionDigits: 1 }).format(whole === 0 ? 0 : part / whole);
/** `2026-11` as `November 2026`, or `Nov`. */
export const month = (text: string, brief = false) => new Intl.DateTimeFormat(dates, { timeZone: "UTC", ...(brief ? { month: "short" } : { month: "long", year: "numeric" }) }).format(new Date(`${text}-01T00:00:00Z`));
export const count = (amount: number, one: string, many: string) =>
  `${n(amount)} ${plural.select(amount) === "one" ? one : many}`;
export const contacts = (amount: number) => count(amount, "contact", "contacts");

/** `6.2 MB` */
export function bytes(size: number): string {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;
  const step = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, size)) / 3));
  const unit = units[step] ?? "byte";
  return new Intl.NumberFormat(number.resolvedOptions().locale, { style: "unit", unit, unitDisplay: step === 0 ? "long" : "short", maximumFractionDigits: 1 }).format(size / 1000 ** step);
}

export const FIELD_LABELS: Record<string, string> = {
  kind: "Kind", name: "Name", name_parts: "Name parts", nick: "Nickname", email: "Email", phone: "Phone",
  company: "Company", company_id: "Company card", job_title: "Job title", department: "Department", stage: "Stage", tier: "Access tier", identity: "Identity", verified_at: "Verified on", verified_by: "Verified by",
  tags: "Tags", description: "Description", preferences: "Preferences", handle: "Handle", address: "Address",
  url: "Website", date: "Date", external_id: "External ID", source: "Source", page_url: "Page",
  ip_country: "Country by IP", first_seen: "First seen", last_seen: "Last seen", conversation_count: "Conversations",
  metadata: "Metadata", created_at: "Created", updated_at: "Updated", binned_at: "Bin", archived_at: "Archive", stage_by: "Stage set by", stage_since: "In stage since",
};

export const fieldLabel = (key: string) =>
  FIELD_LABELS[key] ?? key.replace(/^custom\./, "").replaceAll("_", " ").replace(/^./, (c) => c.toUpperCase());

export const OPERATIONS: Record<string, string> = {
  contact_create: "New contact", contact_edit: "Edited", contact_tag: "Tagged", contact_bin: "Moved to bin",
  contact_restore: "Restored from bin", import: "Imported", sample_load: "Sample data loaded",
  sample_remove: "Sample data removed", tag_change: "Tags changed", field_change: "Fields changed", part_change: "", ingest: "Received from another program", contact_join: "Linked", contact_combine: "Merged", contact_distinguish: "Said to be two people:", contact_archive: "Archived", contact_unarchive: "Back from the archive", cell_edit: "Cells edited", bin_empty: "Bin emptied", rule_run: "Rule ran:", undo: "Undone",
  redo: "Done again", rollback: "Taken back after a crash",
};

/** A stage as a heading: as it is written, with a capital. */
export const stageLabel = (stage: string) => stage.replace(/^./u, (c) => c.toLocaleUpperCase());

/** Kinds of parts, one and many. */
export const PARTS: Record<string, [string, string]> = {
  note: ["note", "notes"], task: ["task", "tasks"], memory: ["memory", "memories"], conversation: ["conversation", "conversations"],
  rating: ["rating", "ratings"], activity: ["activity", "activities"], payment_account: ["payment account", "payment accounts"],
  avatar: ["picture", "pictures"], placement: ["space", "spaces"], secret: ["secret", "secrets"], rule: ["rule", "rules"], message: ["message", "messages"], automation: ["automation rule", "automation rules"], file: ["file", "files"],
};

/** `2 h`, `yesterday`, `12 Mar`: short, for a column. */
export function ago(iso: string | null, now = new Date()): string {
  if (!iso) return "";
  const at = new Date(iso);
  const minutes = Math.floor((now.getTime() - at.getTime()) / 60_000);
  if (minutes < 0) return day(at, now);
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 1440) return `${Math.floor(minutes / 60)} h`;
  if (minutes < 7 * 1440) return `${Math.floor(minutes / 1440)} d`;
  return day(at, now);
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
