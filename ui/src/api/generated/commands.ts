// Made from the command table in core. Not edited by hand: `make bindings`.

export type ActionParts = { "kind": "tag", 
/**
 * Its name.
 */
tag: string, } | { "kind": "untag", 
/**
 * Its name.
 */
tag: string, } | { "kind": "stage", 
/**
 * Its name.
 */
stage: string, } | { "kind": "task", 
/**
 * What is to be done.
 */
title: string, 
/**
 * Days until it is due.
 */
days: number, } | { "kind": "archive", 
/**
 * So many of those seen last stay.
 */
keep: number, };

export type AddFiles = { 
/**
 * `spc_…`
 */
space: string, 
/**
 * Paths on this computer.
 */
files: Array<string>, };

export type AddRemote = { 
/**
 * What people will call it.
 */
name: string, 
/**
 * `carddav`
 */
kind: string, 
/**
 * Address.
 */
url: string, 
/**
 * Who signs in; may be empty.
 */
user: string, 
/**
 * With what; may be empty.
 */
password: string, 
/**
 * Where the contacts are; empty for the only place there is.
 */
place: string, };

export type AddSecret = { 
/**
 * `ctc_…`
 */
contact: string, 
/**
 * What it opens.
 */
name: string, 
/**
 * `token`, `password`, `key`.
 */
sort: string, 
/**
 * The value.
 */
value: string, };

export type AddWebhook = { 
/**
 * What people will call it.
 */
name: string, 
/**
 * Where it is.
 */
url: string, };

export type AffectedView = { 
/**
 * `ctc_…`
 */
id: string, 
/**
 * What to call them.
 */
name: string, 
/**
 * Where to tell them.
 */
email: string, 
/**
 * Where to tell them.
 */
phone: string, 
/**
 * Which fields, where that is known; empty for all.
 */
fields: Array<string>, };

export type AgentActionParts = { 
/**
 * What it does.
 */
tool: string, 
/**
 * Fields that it needs.
 */
fields: Array<string>, 
/**
 * Key of its purpose.
 */
purpose: string, 
/**
 * Until when (RFC 3339).
 */
expiresAt: string | null, };

export type AgentCallView = { 
/**
 * Its number.
 */
call: number, 
/**
 * When (RFC 3339).
 */
at: string, 
/**
 * What the client is called.
 */
client: string, 
/**
 * Which tool.
 */
tool: string, 
/**
 * `ctc_…`; null when it was about nobody, or they are gone.
 */
contact: string | null, 
/**
 * What to call the contact.
 */
name: string, 
/**
 * What became of it.
 */
result: "ok" | "proposal" | "applied" | "refused", 
/**
 * Fields that left.
 */
fields: Array<string>, 
/**
 * Rows that left.
 */
items: number, 
/**
 * Size of the answer.
 */
bytes: number, 
/**
 * Why it was refused.
 */
why: Said | null, };

export type AgentCallsFile = { 
/**
 * Where it goes.
 */
file: string, };

export type AgentCallsRequest = { 
/**
 * `agc_…`; null for all clients.
 */
client: string | null, 
/**
 * Calls before this one; null for the latest.
 */
before: number | null, };

export type AgentCallsView = { 
/**
 * At most 100.
 */
calls: Array<AgentCallView>, };

export type AgentCallsWritten = { 
/**
 * Calls.
 */
count: number, };

export type AgentConfigView = { 
/**
 * One for each kind of program.
 */
snippets: Array<SnippetView>, };

export type AgentGrantRef = { 
/**
 * `agg_…`
 */
id: string, };

export type AgentGrantView = { 
/**
 * `agg_…`
 */
id: string, 
/**
 * `ctc_…`
 */
contact: string, 
/**
 * What to call the contact.
 */
name: string, 
/**
 * How it is known who asks.
 */
how: Said, 
/**
 * Until when (RFC 3339).
 */
until: string, };

export type AgentOn = { 
/**
 * `agc_…`
 */
id: string, 
/**
 * Empty when the review says yes.
 */
reason: string, };

export type AgentParts = { 
/**
 * `agc_…`; empty for a new one.
 */
id: string, 
/**
 * What people call it.
 */
name: string, 
/**
 * Whom it talks to.
 */
sort: "customer" | "staff", 
/**
 * Approved fields, by their keys.
 */
fields: Array<string>, 
/**
 * Names of its tools.
 */
tools: Array<string>, 
/**
 * Key of its purpose; empty for none.
 */
purpose: string, 
/**
 * What connected tools of it get.
 */
actions: Array<AgentActionParts>, 
/**
 * What it need not ask for: `task`, `memory`, `conversation`, `field:job_title`.
 */
always: Array<string>, 
/**
 * Calls a minute.
 */
perMinute: number, 
/**
 * How long it may see a person after they were verified.
 */
grantMinutes: number, 
/**
 * Until when it may ask (RFC 3339).
 */
expiresAt: string | null, };

export type AgentPreviewRequest = { 
/**
 * What it may; not kept.
 */
client: AgentParts, 
/**
 * `ctc_…`
 */
contact: string, };

export type AgentPreviewView = { 
/**
 * The card is in the bin or gone: there is nothing to look at.
 */
gone: boolean, 
/**
 * As it would be sent.
 */
json: unknown, 
/**
 * Its size.
 */
bytes: number, 
/**
 * Fields and lists in it.
 */
given: Array<string>, 
/**
 * Columns that were read for it.
 */
columns: Array<string>, 
/**
 * Fields that were not read.
 */
withheld: number, 
/**
 * Why the agent would see nothing of this card.
 */
barred: Said | null, };

export type AgentRef = { 
/**
 * `agc_…`
 */
id: string, };

export type AgentReviewRow = { 
/**
 * What it is about.
 */
about: "personalization" | "actions" | "segmentation" | "synchronization", 
/**
 * Whether it holds.
 */
met: boolean, 
/**
 * What was found.
 */
evidence: Said, };

export type AgentReviewView = { 
/**
 * Four rows.
 */
rows: Array<AgentReviewRow>, };

export type AgentView = { 
/**
 * What it may.
 */
client: AgentParts, 
/**
 * `on`, `paused`, `revoked` or `expired`.
 */
state: "on" | "paused" | "revoked" | "expired", 
/**
 * Why it is on although the review said no.
 */
reason: string, 
/**
 * When it asked last (RFC 3339).
 */
lastCall: string | null, 
/**
 * Calls that were answered in 30 days.
 */
calls: number, 
/**
 * Calls that were refused in 30 days.
 */
refused: number, 
/**
 * Calls of its busiest minute.
 */
busiest: number, 
/**
 * Proposals that wait.
 */
waiting: number, 
/**
 * Whom it may see now.
 */
grants: Array<AgentGrantView>, };

export type AgentsView = { 
/**
 * No agent gets anything.
 */
stopped: boolean, 
/**
 * In the order of their names.
 */
clients: Array<AgentView>, 
/**
 * What can be approved, in the order of a form.
 */
fields: Array<ApprovableView>, 
/**
 * Names of all tools.
 */
tools: Array<string>, 
/**
 * Whether there is a key by which people prove who they are.
 */
hasKey: boolean, 
/**
 * Clients that asked today.
 */
askedToday: number, 
/**
 * Proposals that wait, of all clients.
 */
waiting: number, };

export type ApprovableView = { 
/**
 * Its key.
 */
key: string, 
/**
 * What a list of parts, or a custom field, is called.
 */
label: Said, 
/**
 * How close it is to a person.
 */
class: "identifying" | "contact" | "about" | "internal", 
/**
 * Whether a new client has it.
 */
standard: boolean, 
/**
 * Whether it is a list of parts.
 */
parts: boolean, };

export type AsideBody = { 
/**
 * All of it.
 */
body: string, };

export type AsideRef = { 
/**
 * `rem_…`
 */
remote: string, 
/**
 * [`AsideView::key`].
 */
key: string, };

export type AsideView = { 
/**
 * `rem_…`
 */
remote: string, 
/**
 * What people call the remote.
 */
remoteName: string, 
/**
 * How the remote calls it; decisions name it.
 */
key: string, 
/**
 * Why.
 */
reason: Said, 
/**
 * Since when (RFC 3339).
 */
since: string, 
/**
 * Whether it is kept as the remote wrote it.
 */
hasBody: boolean, };

export type AskAgain = { 
/**
 * `agc_…`
 */
client: string, 
/**
 * For what: `task`, `field:job_title`.
 */
word: string, };

export type AuditCheckView = { 
/**
 * Entries that were looked at.
 */
entries: number, 
/**
 * Hash of the last one.
 */
head: string, 
/**
 * The first entry that is not what was written; null when all are.
 */
broken: number | null, };

export type AuditLogView = { 
/**
 * Newest first.
 */
entries: Array<AuditView>, };

export type AuditRequest = { 
/**
 * Entries before this one; null for the latest.
 */
before: number | null, };

export type AuditView = { 
/**
 * Counted from 1.
 */
entry: number, 
/**
 * RFC 3339.
 */
at: string, 
/**
 * By whom.
 */
actor: string, 
/**
 * Through which door.
 */
origin: string, 
/**
 * What.
 */
event: string, 
/**
 * What it is about.
 */
about: string | null, 
/**
 * What there is to say beside the event; null where it says all.
 */
says: Said | null, 
/**
 * Words and numbers.
 */
facts: Record<string, unknown>, 
/**
 * Binds it to all before it.
 */
hash: string, };

export type AutomationParts = { 
/**
 * `aut_…`; empty for a new one.
 */
id: string, 
/**
 * What it is called.
 */
name: string, 
/**
 * What wakes it.
 */
trigger: "change" | "arrival" | "conversation" | "daily", 
/**
 * Filter text.
 */
filter: string, 
/**
 * What it does.
 */
actions: Array<ActionParts>, 
/**
 * At most once for a contact in so many days; 0 means every time.
 */
guardDays: number, 
/**
 * Above so many contacts at once it stops and asks.
 */
ceiling: number, };

export type AutomationPreview = { 
/**
 * The rule in words.
 */
sentence: Said, 
/**
 * Contacts it is about.
 */
matching: number, 
/**
 * It would change them.
 */
changing: number, 
/**
 * Left alone: a person set the stage.
 */
byHand: number, 
/**
 * Left alone: it did so within the days of its guard.
 */
guarded: number, 
/**
 * They are so already.
 */
already: number, 
/**
 * How many leave each stage.
 */
stages: Array<[string, number]>, 
/**
 * Tasks it would make.
 */
tasks: number, 
/**
 * Id and name of the first it would change.
 */
first: Array<[string, string]>, };

export type AutomationRef = { 
/**
 * `aut_…`
 */
id: string, };

export type AutomationView = { 
/**
 * Off, on, or stopped because it would have touched too many at once.
 */
state: "off" | "on" | "stopped", 
/**
 * The rule in words.
 */
sentence: Said, 
/**
 * `aut_…`; empty for a new one.
 */
id: string, 
/**
 * What it is called.
 */
name: string, 
/**
 * What wakes it.
 */
trigger: "change" | "arrival" | "conversation" | "daily", 
/**
 * Filter text.
 */
filter: string, 
/**
 * What it does.
 */
actions: Array<ActionParts>, 
/**
 * At most once for a contact in so many days; 0 means every time.
 */
guardDays: number, 
/**
 * Above so many contacts at once it stops and asks.
 */
ceiling: number, };

export type AutomationsView = { 
/**
 * In the order in which they act.
 */
rules: Array<AutomationView>, 
/**
 * Rules to begin with.
 */
templates: Array<AutomationView>, };

export type BackupDone = { 
/**
 * Where it is.
 */
file: string, 
/**
 * Contacts in it.
 */
contacts: number, 
/**
 * Size of its database.
 */
bytes: number, };

export type BackupFailedView = { 
/**
 * When it was tried.
 */
at: string, 
/**
 * What was in the way.
 */
why: Said, };

export type BackupFile = { 
/**
 * Its path, as a dialog gave it; empty for where backups go by themselves.
 */
file: string, };

export type BackupPlanView = { 
/**
 * Hours between two; 0 means none.
 */
everyHours: number, 
/**
 * Where they go; null for the workspace's own folder.
 */
folder: string | null, 
/**
 * Days after which one that was made by itself is given up; 0 means never.
 */
keepDays: number, };

export type BackupRef = { 
/**
 * Its path, as the list gives it.
 */
file: string, };

export type BackupView = { 
/**
 * Its path.
 */
file: string, 
/**
 * When it was made.
 */
at: string, 
/**
 * Contacts in it, those in the bin included.
 */
contacts: number, 
/**
 * Files of spaces in it.
 */
files: number, 
/**
 * Size of the file.
 */
bytes: number, 
/**
 * Why it was made.
 */
reason: "hand" | "plan" | "before_schema", 
/**
 * How it was found when it was last looked at.
 */
state: "whole" | "missing" | "changed", 
/**
 * When that was.
 */
checkedAt: string, 
/**
 * When it is given up; null when a person has to delete it.
 */
goesAt: string | null, };

export type BackupsView = { 
/**
 * When they are made by themselves.
 */
plan: BackupPlanView, 
/**
 * Newest first.
 */
backups: Array<BackupView>, 
/**
 * The newest that is whole, as far as is known without reading it.
 */
newest: BackupView | null, 
/**
 * What restores put aside, newest first.
 */
kept: Array<ReplacedView>, 
/**
 * Why the last one by itself did not come to be.
 */
failed: BackupFailedView | null, };

export type BaseView = { 
/**
 * `kbs_…`; empty for a new one.
 */
id: string, 
/**
 * The platform it belongs to.
 */
platform: string, 
/**
 * Its id there.
 */
externalId: string, 
/**
 * What to call it.
 */
name: string, 
/**
 * Ids and names.
 */
documents: Array<[string, string]>, 
/**
 * Ids and questions.
 */
faqs: Array<[string, string]>, };

export type BlockSize = { 
/**
 * Its rows.
 */
rows: number, 
/**
 * Its columns.
 */
columns: number, };

export type BlockView = { 
/**
 * Rows in lines, cells between tabs.
 */
text: string, };

export type BoardView = { 
/**
 * In the order of the lifecycle.
 */
lanes: Array<LaneView>, };

export type BreachRequest = { 
/**
 * What.
 */
what: "everything" | "remote" | "export" | "filter", 
/**
 * Name of the remote, end of the file's path, or filter text.
 */
name: string, 
/**
 * From when.
 */
from: string, 
/**
 * Until when.
 */
until: string, 
/**
 * When it was found out; empty for now.
 */
found: string, 
/**
 * Where to write who is affected; null to look only.
 */
file: string | null, 
/**
 * Whether a file of this name may be replaced: a dialog asked.
 */
replace: boolean, };

export type BreachView = { 
/**
 * How many.
 */
people: number, 
/**
 * The first of them.
 */
first: Array<AffectedView>, 
/**
 * Contacts that were there and are gone from here since.
 */
gone: number, 
/**
 * Those who have neither an email nor a phone.
 */
unreachable: number, 
/**
 * Why there may be somebody too many.
 */
remarks: Array<Said>, 
/**
 * When the authority is to be told at the latest (RFC 3339).
 */
tellBy: string, };

export type BulkDeed = { "kind": "tag", 
/**
 * Its name.
 */
tag: string, } | { "kind": "untag", 
/**
 * Its name.
 */
tag: string, } | { "kind": "set", 
/**
 * Key in the catalogue, or `custom.` and a key.
 */
field: string, 
/**
 * In the field's shape.
 */
value: unknown, } | { "kind": "bin" } | { "kind": "archive" } | { "kind": "unarchive" };

export type BulkDone = { 
/**
 * Contacts that changed.
 */
changed: number, 
/**
 * Contacts that were so already.
 */
unchanged: number, 
/**
 * `opr_…`, to undo just this; null when nothing changed.
 */
operation: string | null, };

export type BulkRequest = { 
/**
 * These contacts; or, when a view is given, all of it but these.
 */
ids: Array<string>, 
/**
 * Number of an open view.
 */
view: number | null, 
/**
 * What.
 */
deed: BulkDeed, };

export type CardRef = { 
/**
 * `ctc_…`
 */
id: string, 
/**
 * What to call it.
 */
name: string, 
/**
 * Company, email or phone.
 */
about: string, };

export type CellRange = { 
/**
 * Number of the view.
 */
view: number, 
/**
 * First row.
 */
from: number, 
/**
 * Row after the last.
 */
to: number, 
/**
 * Keys of columns.
 */
columns: Array<string>, };

export type ChangeField = { 
/**
 * Which.
 */
key: string, 
/**
 * Name on screen.
 */
label: string, 
/**
 * Its type.
 */
kind: "text" | "number" | "boolean" | "date" | "choice", };

export type ChangeLink = { 
/**
 * `ctc_…`
 */
contact: string, 
/**
 * As it is.
 */
from: LinkView | null, 
/**
 * As it is to be.
 */
to: LinkView | null, };

export type Changed = { 
/**
 * Contacts.
 */
count: number, 
/**
 * `opr_…`, to undo just this; null when nothing changed.
 */
operation: string | null, };

export type CheckView = { 
/**
 * Records that were looked at.
 */
read: number, 
/**
 * There are more.
 */
isSample: boolean, 
/**
 * Records of people we know, of a hundred.
 */
matchPercent: number, 
/**
 * Known by an ID or an external ID.
 */
byId: number, 
/**
 * Known by an email.
 */
byEmail: number, 
/**
 * Of nobody we know.
 */
unknown: number, 
/**
 * That cannot be read.
 */
unreadable: number, 
/**
 * External IDs that are nearly one of ours.
 */
near: number, 
/**
 * The first 200 of them.
 */
nearMisses: Array<NearMissView>, 
/**
 * Records that mean a contact that another record means too.
 */
collisions: Array<CollisionView>, 
/**
 * What a run would do.
 */
would: TotalsView, 
/**
 * What it would ask.
 */
questions: Array<Said>, 
/**
 * The four conditions.
 */
review: Array<ReviewView>, 
/**
 * Whether all of them hold.
 */
passed: boolean, };

export type Claim = { 
/**
 * `cnv_…`
 */
id: string, 
/**
 * `ctc_…`
 */
contact: string, };

export type Code = "bad_request" | "bad_file" | "cancelled" | "damaged" | "disk_full" | "internal" | "in_use" | "locked" | "newer_schema" | "no_workspace" | "not_empty" | "not_found" | "nothing_to_undo" | "read_only" | "refused" | "sign_in" | "unreachable" | "wrong_key";

export type CollisionView = { 
/**
 * Whose: a name; empty for two records of one person we do not know.
 */
contact: string, 
/**
 * External ID of the second record.
 */
theirs: string, };

export type ColumnView = { 
/**
 * Heading.
 */
heading: string, 
/**
 * First values.
 */
samples: Array<string>, 
/**
 * Where it goes, in text form.
 */
target: string, };

export type CombineField = { 
/**
 * Key in the catalogue, or `custom.` and a key.
 */
field: string, 
/**
 * On the card that stays.
 */
survivor: unknown, 
/**
 * On the card that goes.
 */
other: unknown, 
/**
 * On the one card.
 */
after: unknown, 
/**
 * Whether both values stay on the card; else one goes to its history.
 */
joins: boolean, };

export type CombineRequest = { 
/**
 * `ctc_…` of the card that stays.
 */
survivor: string, 
/**
 * `ctc_…` of the card that goes.
 */
other: string, 
/**
 * Fields that are taken from the card that goes.
 */
take: Array<string>, 
/**
 * Versions of both cards that the preview showed.
 */
seen: [number, number] | null, };

export type CombineView = { 
/**
 * The card that stays.
 */
survivor: PersonView, 
/**
 * The card that goes.
 */
other: PersonView, 
/**
 * Versions of both.
 */
seen: [number, number], 
/**
 * 0 to 100; null when nothing speaks for it.
 */
score: number | null, 
/**
 * Why they may be one.
 */
reasons: Array<ReasonView>, 
/**
 * Fields that at least one card has.
 */
fields: Array<CombineField>, 
/**
 * Kind, and how many: on the card that stays, on the other, on the one card.
 */
parts: Array<[string, number, number, number]>, 
/**
 * Remotes that know them, and by how many external IDs.
 */
remotes: Array<[string, number]>, };

export type Conflict = { 
/**
 * `values`, `deletion` or `relink`.
 */
kind: string, 
/**
 * Which pair; decisions name it.
 */
pair: number, 
/**
 * `rem_…`
 */
remote: string, 
/**
 * What people call the remote.
 */
remoteName: string, 
/**
 * `ctc_…`; empty when the contact is gone.
 */
contact: string, 
/**
 * Its name.
 */
name: string, 
/**
 * A deletion against an edit: `here` or `there`, where it was deleted; else null.
 */
deleted: string | null, 
/**
 * Since when (RFC 3339).
 */
since: string, 
/**
 * Values that both sides changed.
 */
fields: Array<Held>, 
/**
 * A record that may be another person's; else null. Nothing else is decided before.
 */
relink: RelinkView | null, };

export type ConflictRule = { 
/**
 * Key of the field: `email`.
 */
field: string, 
/**
 * `mine` or `theirs`.
 */
keep: string, };

export type ConflictsView = { 
/**
 * Contact by contact.
 */
conflicts: Array<Conflict>, 
/**
 * Writes that a remote does not take.
 */
refused: Array<Refused>, 
/**
 * Records that cannot be taken.
 */
aside: Array<AsideView>, };

export type ConnectRemote = { 
/**
 * What people will call it.
 */
name: string, 
/**
 * `hubspot`; empty with a manifest of one's own.
 */
kind: string, 
/**
 * What the form was filled in with.
 */
fields: Array<FilledField>, 
/**
 * The text of a manifest of one's own; else empty.
 */
manifest: string, };

export type ConsentRequest = { 
/**
 * `ctc_…`
 */
contact: string, 
/**
 * Id, key or name of the purpose.
 */
purpose: string, 
/**
 * Yes or no.
 */
given: boolean, 
/**
 * Version of the text; null for the one in use, 0 when it is not known.
 */
wording: number | null, 
/**
 * How it was said.
 */
channel: string, 
/**
 * What shows it.
 */
proof: string, 
/**
 * When it was said; empty for now.
 */
at: string, };

export type ConsentView = { 
/**
 * `con_…`
 */
id: string, 
/**
 * Key of the purpose.
 */
purpose: string, 
/**
 * Yes or no.
 */
given: boolean, 
/**
 * Version of the text; 0 when it is not known.
 */
wording: number, 
/**
 * SHA-256 of the text.
 */
sha256: string, 
/**
 * How it was said.
 */
channel: string, 
/**
 * What shows it.
 */
proof: string, 
/**
 * Who wrote it down.
 */
author: string, 
/**
 * When it was said (RFC 3339).
 */
at: string, };

export type ContactRef = { 
/**
 * `ctc_…`
 */
id: string, };

export type ContactRefs = { 
/**
 * `ctc_…`
 */
ids: Array<string>, };

export type ContactRowView = { 
/**
 * `ctc_…`
 */
id: string, 
/**
 * `person` or `organization`.
 */
kind: string, 
/**
 * What to call it.
 */
name: string, 
/**
 * Primary email.
 */
email: string, 
/**
 * Primary phone as typed.
 */
phone: string, 
/**
 * Company.
 */
company: string, 
/**
 * First source.
 */
source: string, 
/**
 * Lifecycle stage.
 */
stage: string, 
/**
 * RFC 3339, or nothing.
 */
firstSeen: string | null, 
/**
 * RFC 3339, or nothing.
 */
lastSeen: string | null, 
/**
 * RFC 3339.
 */
createdAt: string, 
/**
 * Conversations so far.
 */
conversationCount: number, 
/**
 * Tags in order.
 */
tags: Array<string>, 
/**
 * Custom fields as text by key.
 */
custom: Record<string, string>, 
/**
 * `restricted` or `held`, where either holds: kept and not used, or not deleted.
 */
lock?: string, };

export type ContactView = { 
/**
 * What to call it.
 */
title: string, 
/**
 * All its values by key of the catalogue.
 */
contact: Record<string, unknown>, 
/**
 * Newest first.
 */
timeline: Array<TimelineEntry>, };

export type ControllerView = { 
/**
 * Name of the business.
 */
name: string, 
/**
 * Postal address.
 */
address: string, 
/**
 * Where questions of privacy go.
 */
email: string, 
/**
 * Data protection officer, if there has to be one.
 */
officer: string, 
/**
 * The supervisory authority.
 */
authority: string, 
/**
 * How the data is protected beside what this program does.
 */
security: string, 
/**
 * Whether anything is decided by programs alone.
 */
decisions: string, };

export type ConversationView = { 
/**
 * `cnv_…`
 */
id: string, 
/**
 * `widget`, `email`, …
 */
platform: string, 
/**
 * What it is about.
 */
title: string, 
/**
 * Where it was held.
 */
pageUrl: string, 
/**
 * Nobody looked at it.
 */
unread: boolean, 
/**
 * RFC 3339.
 */
firstAt: string | null, 
/**
 * RFC 3339.
 */
lastAt: string | null, 
/**
 * How many messages.
 */
messages: number, };

export type CountRequest = { 
/**
 * Search text and filter text of each.
 */
views: Array<[string, string]>, };

export type CountryRuleView = { 
/**
 * Countries whose people must consent before it is kept (ISO 3166-1).
 */
countries: Array<string>, 
/**
 * How many people declined to be kept at all, so far.
 */
declined: number, };

export type Counts = { 
/**
 * Came as new or changed.
 */
pulled: number, 
/**
 * Made a contact.
 */
created: number, 
/**
 * Were made or changed there, with nothing to take from them.
 */
pushed: number, 
/**
 * Were changed there, and changed the contact.
 */
merged: number, 
/**
 * Have a value that waits for a person since this run.
 */
conflicts: number, 
/**
 * Have a deletion against an edit that waits since this run.
 */
held: number, 
/**
 * May be another person's, which waits since this run.
 */
relinks: number, 
/**
 * Were deleted there, or their contacts went to the bin.
 */
deleted: number, 
/**
 * Cannot be taken.
 */
quarantined: number, 
/**
 * Of people who were erased: not taken, or deleted there again.
 */
suppressed: number, 
/**
 * Requests.
 */
requests: number, 
/**
 * Bytes of bodies that came.
 */
bytes_down: number, 
/**
 * Bytes of bodies that were sent.
 */
bytes_up: number, 
/**
 * Milliseconds that were waited because the remote asked for it, or did not answer.
 */
waited_ms: number, 
/**
 * Units that the remote left out of what it was given without a word, and how often.
 */
left_out: { [key in string]: number }, };

export type CountsView = { 
/**
 * In the order they were asked; null for a filter that makes no sense.
 */
counts: Array<number | null>, };

export type Created = { 
/**
 * `KQ7F-…`; none for an unprotected workspace.
 */
recoveryCode: string | null, };

export type CustomFieldView = { 
/**
 * Name in files and filters.
 */
key: string, 
/**
 * Name on screen.
 */
label: string, 
/**
 * `text`, `number`, `boolean`, `date` or `choice`.
 */
kind: string, };

export type DecideAside = { 
/**
 * `rem_…`
 */
remote: string, 
/**
 * [`AsideView::key`].
 */
key: string, 
/**
 * `retry` or `dismiss`.
 */
choice: string, };

export type DecideConflicts = { 
/**
 * Each of one value, or of what else waits of a contact.
 */
decisions: Array<DecisionView>, };

export type DecideLead = { 
/**
 * `led_…`
 */
id: string, 
/**
 * It is of somebody who is here, of somebody new, or of nobody who is wanted.
 */
choice: "join" | "new" | "dismiss", 
/**
 * `ctc_…` of whom it is; null for the other two.
 */
contact: string | null, };

export type DecideProposal = { 
/**
 * `agp_…`
 */
id: string, 
/**
 * Yes, no, or yes and do not ask again.
 */
choice: "approve" | "reject" | "always", };

export type DecidedView = { 
/**
 * `opr_…`, to undo just what was written; null when nothing was.
 */
operation: string | null, 
/**
 * For what the client need not ask from now on; null when it had not to before.
 */
allowed: string | null, };

export type DecisionView = { 
/**
 * [`Conflict::pair`].
 */
pair: number, 
/**
 * Which field; null for what is about the whole contact.
 */
field: string | null, 
/**
 * `mine`, `theirs`, `edit`; of a deletion `delete` or `keep`; of a record that may be another
 * person's `relink` or `apart`; of a refused write `retry` or `dismiss`.
 */
choice: string, 
/**
 * With `edit`: the value for both.
 */
text: string, };

export type DeliveryRef = { 
/**
 * `dlv_…`
 */
id: string, };

export type Diagnostics = { 
/**
 * To be read before it is sent.
 */
text: string, };

export type DoneText = { 
/**
 * In the person's language.
 */
text: string, };

export type DropTaken = { 
/**
 * By their names.
 */
files: Array<DroppedFile>, };

export type DropView = { 
/**
 * Its path; null for none.
 */
folder: string | null, 
/**
 * How contacts that are here may change.
 */
policy: "fill" | "newest" | "ask", };

export type DroppedFile = { 
/**
 * Its name.
 */
file: string, 
/**
 * Outcomes of its records; null when it could not be read.
 */
counts: Record<"records" | "created" | "updated" | "unchanged" | "duplicate" | "suppressed" | "rejected", number> | null, 
/**
 * Records that may be of somebody who is here: they wait in the Inbox.
 */
held: number, 
/**
 * Why it could not be read.
 */
message: Said | null, };

export type DsarBuild = { 
/**
 * What is asked and decided.
 */
request: DsarRequest, 
/**
 * The whole path of the file.
 */
file: string, 
/**
 * Whether a file of this name may be replaced: a dialog asked.
 */
replace: boolean, 
/**
 * `age1…` of who is to open it; empty for a file that anybody can read.
 */
recipient: string, };

export type DsarBuilt = { 
/**
 * The file.
 */
file: string, 
/**
 * What it is called.
 */
reference: string, 
/**
 * How long it is.
 */
bytes: number, 
/**
 * Its SHA-256.
 */
sha256: string, 
/**
 * Files in it.
 */
files: number, 
/**
 * Rows of the person that it shows.
 */
exported: number, 
/**
 * Rows that it does not.
 */
withheld: number, 
/**
 * Places where somebody else was left out.
 */
masked: number, 
/**
 * Third persons about whom nobody decided; they are masked.
 */
undecided: number, 
/**
 * The public key, for whoever checks it.
 */
key: string, 
/**
 * Its fingerprint, for the letter.
 */
fingerprint: string, 
/**
 * Nobody has written yet what the law asks to be told.
 */
isUnreviewed: boolean, 
/**
 * Only whoever has the key can open it.
 */
isEncrypted: boolean, };

export type DsarCheck = { 
/**
 * Everything is as it was written.
 */
holds: boolean, 
/**
 * What is not.
 */
faults: Array<Said>, 
/**
 * The request it answers.
 */
request: string | null, 
/**
 * The state it shows (RFC 3339).
 */
created: string | null, 
/**
 * Files in it.
 */
files: number, 
/**
 * Fingerprint of the key it was checked with.
 */
fingerprint: string | null, 
/**
 * That key was expected, and is not only the bundle's own.
 */
isExpectedKey: boolean, };

export type DsarDraft = { 
/**
 * Ids of the cards; null as long as those hold that are the person's for certain.
 */
cards: Array<string> | null, 
/**
 * Keys of third persons who may stand there.
 */
keep: Array<string>, 
/**
 * Keys of third persons who are left out.
 */
mask: Array<string>, 
/**
 * Ids of internal notes that are given out.
 */
internalNotes: Array<string>, 
/**
 * Ids of files on other cards too that are given out.
 */
sharedFiles: Array<string>, 
/**
 * Names of the team stay.
 */
staffNames: boolean, };

export type DsarDraftView = { 
/**
 * What was chosen.
 */
chosen: DsarDraft, 
/**
 * Cards among them that the request's own words do not find.
 */
added: Array<SubjectCard>, 
/**
 * The answer that was built last.
 */
built: DsarBuilt | null, };

export type DsarFile = { 
/**
 * Its path.
 */
file: string, 
/**
 * The public key that is expected; empty for the bundle's own.
 */
key: string, };

export type DsarPerson = { 
/**
 * By what a decision names them.
 */
key: string, 
/**
 * What to call them.
 */
name: string, 
/**
 * By what they were found: `name`, `email`, `phone`, `handle`, `iban`, `payment_card`.
 */
by: Array<string>, 
/**
 * How often.
 */
count: number, 
/**
 * It is certain that it is somebody.
 */
isSure: boolean, 
/**
 * `keep`, `mask`, or nothing yet, which masks.
 */
decision: string | null, 
/**
 * The file of the answer in which they stand first.
 */
place: string, 
/**
 * What stands there.
 */
example: string, 
/**
 * Where in it they are: from and until.
 */
span: [number, number], };

export type DsarPreview = { 
/**
 * What it would be called.
 */
reference: string, 
/**
 * Every table of the workspace.
 */
tables: Array<DsarTable>, 
/**
 * Third persons, those that are a question first.
 */
people: Array<DsarPerson>, 
/**
 * Internal notes, which stay unless they are chosen: id and text.
 */
internalNotes: Array<[string, string]>, 
/**
 * Files that stand on other cards too, which stay unless they are chosen: id and name.
 */
sharedFiles: Array<[string, string]>, 
/**
 * Names of those who got data.
 */
recipients: Array<string>, 
/**
 * How many conversations.
 */
conversations: number, 
/**
 * How many files.
 */
attachments: number, 
/**
 * Nobody has written yet what the law asks to be told.
 */
isUnreviewed: boolean, };

export type DsarRequest = { 
/**
 * As the register calls it; empty for one that is made up.
 */
reference: string, 
/**
 * What the person told of themselves.
 */
identifier: string, 
/**
 * Ids of their cards; none says that nothing is held.
 */
cards: Array<string>, 
/**
 * `en` or `es`.
 */
language: string, 
/**
 * Keys of third persons who may stand there.
 */
keep: Array<string>, 
/**
 * Keys of third persons who are left out.
 */
mask: Array<string>, 
/**
 * Ids of internal notes that are given out.
 */
internalNotes: Array<string>, 
/**
 * Ids of files on other cards too that are given out.
 */
sharedFiles: Array<string>, 
/**
 * Names of the team stay.
 */
staffNames: boolean, };

export type DsarTable = { 
/**
 * Its name.
 */
table: string, 
/**
 * Rows about the person.
 */
ofSubject: number, 
/**
 * Those that are shown.
 */
exported: number, 
/**
 * Those that are not.
 */
withheld: number, 
/**
 * Why.
 */
reason: "" | "derived" | "security" | "internal" | "third_party" | "business", };

export type DueView = { 
/**
 * The last day: `2026-12-20`.
 */
due: string, 
/**
 * Days until then; less than 0 when it is over.
 */
daysLeft: number, 
/**
 * Where that is a Saturday or a Sunday: the Monday until which the law gives time.
 */
lawGivesUntil: string | null, 
/**
 * How much time is left.
 */
light: "done" | "green" | "amber" | "red", };

export type Duplicate = { 
/**
 * `ctc_…`
 */
id: string, 
/**
 * What to call them.
 */
name: string, 
/**
 * What it shares: `same email`, `same phone`.
 */
reason: Said, };

export type DuplicatesView = { 
/**
 * The surest first; at most 500.
 */
pairs: Array<PairView>, 
/**
 * How many there are in all.
 */
total: number, 
/**
 * How many of them are most likely one person.
 */
likely: number, 
/**
 * When it was last looked (RFC 3339); null when it was not since the start.
 */
lookedAt: string | null, };

export type EditContact = { 
/**
 * `ctc_…`
 */
id: string, 
/**
 * Key in the catalogue, or `custom.` and a key.
 */
field: string, 
/**
 * The new value in the field's shape.
 */
value: unknown, };

export type EnableRemote = { 
/**
 * `rem_…`
 */
id: string, 
/**
 * Whether runs may write.
 */
on: boolean, 
/**
 * Why, although the review says no; may be empty.
 */
reason: string, };

export type EraseRequest = { 
/**
 * `ctc_…` of all their cards.
 */
ids: Array<string>, 
/**
 * What the person typed who confirms it: a name, an email or a phone of theirs.
 */
confirm: string, 
/**
 * The request of the register, if there is one.
 */
request: string | null, };

export type ErasureCard = { 
/**
 * `ctc_…`
 */
id: string, 
/**
 * What to call it.
 */
name: string, 
/**
 * Primary email.
 */
email: string, 
/**
 * Primary phone as typed.
 */
phone: string, 
/**
 * Whether it is in the bin.
 */
in_bin: boolean, };

export type ErasureCards = { 
/**
 * `ctc_…`
 */
ids: Array<string>, };

export type ErasurePreview = { 
/**
 * Their cards that are here.
 */
cards: Array<ErasureCard>, 
/**
 * Cards of which only the history still knows.
 */
removed_cards: number, 
/**
 * What is on them, by kind: how many of each.
 */
kinds: Array<[Said, number]>, 
/**
 * Connections that have a record of them.
 */
recipients: Array<string>, 
/**
 * Spaces that stay, because they stand on cards of others as well.
 */
shared_spaces: number, 
/**
 * The hold because of which it would be refused.
 */
held: RestrictionView | null, };

export type ErasureRef = { 
/**
 * `era_…`
 */
id: string, };

export type ErasureSubject = { 
/**
 * An email or a phone.
 */
text: string, };

export type ErasuresView = { 
/**
 * Newest first.
 */
erasures: Array<Receipt>, 
/**
 * What people call each, by its id: `ERA-2026-003`.
 */
numbers: { [key in string]: string }, };

export type Error = { 
/**
 * From a closed list; the screens tell errors apart by it.
 */
code: Code, 
/**
 * One sentence without personal data.
 */
message: Said, 
/**
 * What the person can do.
 */
hint: Said | null, };

export type Event = { "event": "stale", 
/**
 * Kinds of answers.
 */
tags: Array<Tag>, } | { "event": "reminder", 
/**
 * What is to be done.
 */
title: string, 
/**
 * Whom it is about.
 */
contact: string, 
/**
 * `ctc_…`
 */
contactId: string, } | { "event": "ruleRan", 
/**
 * Its name.
 */
rule: string, 
/**
 * Contacts it changed, or would have changed.
 */
changed: number, 
/**
 * `opr_…`, to undo just this; null when it stopped and asks.
 */
operation: string | null, } | { "event": "knocked", 
/**
 * A file to import.
 */
file: string | null, 
/**
 * `ctc_…`, to be shown.
 */
contact: string | null, } | { "event": "menu" } & MenuView | { "event": "chosen", 
/**
 * Its id in the page's list of commands.
 */
command: string, } | { "event": "done", 
/**
 * What, in the person's language.
 */
text: string, } | { "event": "openFile", 
/**
 * Where the copy is.
 */
path: string, } | { "event": "openUrl", 
/**
 * What it opens.
 */
url: string, } | { "event": "progress", 
/**
 * What it does.
 */
job: string, 
/**
 * Records done.
 */
done: number, 
/**
 * Records in all.
 */
total: number, };

export type Export = { 
/**
 * When it was written (RFC 3339).
 */
at: string, 
/**
 * `csv`, `vcard`.
 */
format: string, 
/**
 * SHA-256 of the file.
 */
sha256: string, };

export type ExportColumns = { 
/**
 * The twelve of the reference layout.
 */
reference: Array<string>, 
/**
 * All of them, custom fields last.
 */
complete: Array<string>, 
/**
 * Further ones that other programs ask for.
 */
derived: Array<string>, 
/**
 * Where exports go when nobody chooses.
 */
folder: string, };

export type ExportEntryView = { 
/**
 * RFC 3339.
 */
at: string, 
/**
 * By whom.
 */
actor: string, 
/**
 * Where it was written.
 */
file: string, 
/**
 * `csv`, `vcard` or `ndjson`.
 */
format: string, 
/**
 * Which contacts, in words; empty means all.
 */
what: string, 
/**
 * How many.
 */
contacts: number, 
/**
 * SHA-256 of the file.
 */
sha256: string, 
/**
 * When the file is to be deleted (RFC 3339).
 */
expiresAt: string | null, 
/**
 * When it was.
 */
deletedAt: string | null, };

export type ExportFile = { 
/**
 * Its path; not used by a preview.
 */
file: string, 
/**
 * Whether a file of this name may be replaced: a dialog asked.
 */
replace: boolean, 
/**
 * What the file is.
 */
format: "csv" | "xlsx" | "parquet" | "vcard" | "ndjson" | "everything", 
/**
 * Columns of a table in order, each with its heading, which may be empty;
 * `reference` or `complete` alone stands for those.
 */
columns: Array<[string, string]>, 
/**
 * Guard formulas for spreadsheets.
 */
spreadsheet: boolean, 
/**
 * One character between cells.
 */
separator: string, 
/**
 * Begin with a byte order mark, for old Excel.
 */
bom: boolean, 
/**
 * An open view to export; all contacts when not given.
 */
view: number | null, 
/**
 * Only these contacts.
 */
ids: Array<string> | null, 
/**
 * These of the view stay here.
 */
except: Array<string>, 
/**
 * Which contacts these are, in words, for the export log.
 */
what: string, 
/**
 * Hours after which the file is deleted; 0 means never.
 */
hours: number, 
/**
 * Id, key or name of the purpose the file is for; that of its view when not given.
 */
purpose?: string, };

export type ExportLogView = { 
/**
 * Newest first.
 */
entries: Array<ExportEntryView>, };

export type ExportReport = { 
/**
 * Contacts written.
 */
contacts: number, 
/**
 * Bytes written.
 */
bytes: number, 
/**
 * SHA-256 of the file.
 */
sha256: string, 
/**
 * Cells of a workbook whose end is missing: a cell holds 32,767 characters.
 */
shortened: number, 
/**
 * Contacts that were left out: restricted, or not to be used for the purpose.
 */
withheld: number, 
/**
 * The file.
 */
file: string, };

export type ExtendRequest = { 
/**
 * `req_…`
 */
id: string, 
/**
 * Why; the person is told.
 */
reason: string, };

export type Facet = { 
/**
 * The value.
 */
value: string, 
/**
 * Contacts.
 */
count: number, };

export type Facets = { 
/**
 * By source, most first.
 */
sources: Array<Facet>, 
/**
 * By stage, most first.
 */
stages: Array<Facet>, 
/**
 * By tag, in the alphabet.
 */
tags: Array<Facet>, 
/**
 * Custom fields in the order they were made.
 */
customFields: Array<CustomFieldView>, };

export type Facts = { 
/**
 * A pseudonym of the person.
 */
subject: string, 
/**
 * When it began (RFC 3339).
 */
erased_at: string, 
/**
 * By whom.
 */
by: string, 
/**
 * `request`, `retention` or `replay`.
 */
reason: string, 
/**
 * The request of the register.
 */
request: string | null, 
/**
 * Cards that were here.
 */
cards: number, 
/**
 * Cards of which only the history still knew.
 */
removed_cards: number, 
/**
 * Rows by table; of the log those that say nothing any more.
 */
rows: { [key in string]: number }, 
/**
 * Keyed hashes by kind that stop the person from coming back.
 */
suppressed: { [key in string]: number }, 
/**
 * Spaces that stay, because they stand on cards of others as well.
 */
shared_spaces: number, 
/**
 * Exports that hold the person, or of which nobody knows, and whose files may still be
 * somewhere.
 */
exports: Array<Export>, 
/**
 * Backups, by name. A restore beside or over this workspace erases the person again.
 */
backups: Array<string>, 
/**
 * Workspaces that restores put aside, by name. They open with the person in them.
 */
put_aside: Array<string>, 
/**
 * A backup was being written when this was looked at. It may hold the person.
 */
is_backing_up: boolean, 
/**
 * How it was looked at whether everything is gone; nothing before that.
 */
verification: Verification | null, };

export type FetchBelongings = { 
/**
 * `rem_…`
 */
id: string, 
/**
 * `ctc_…`; empty for all that have a record there.
 */
contact: string, };

export type FetchedView = { 
/**
 * Contacts that were asked about.
 */
contacts: number, 
/**
 * Conversations, tasks, memories, ratings, spaces and secrets.
 */
parts: number, 
/**
 * Parts that were not taken.
 */
leftOut: number, 
/**
 * `opr_…`, to undo just this; null when nothing was new.
 */
operation: string | null, };

export type FieldChangeView = { 
/**
 * Key of the field.
 */
field: string, 
/**
 * Before, shortened.
 */
old: string, 
/**
 * After, shortened.
 */
new: string, 
/**
 * Whether a person may bring the old value back.
 */
restorable: boolean, };

export type FieldChangedView = { 
/**
 * Contacts whose value was read anew.
 */
count: number, 
/**
 * Values that the new type cannot read; they stay as they are.
 */
kept: number, 
/**
 * `opr_…`, to undo just this.
 */
operation: string | null, };

export type FieldRef = { 
/**
 * Which.
 */
key: string, };

export type FieldRule = { 
/**
 * Its key: `email`.
 */
field: string, 
/**
 * `off`, `pull`, `push`, `both`.
 */
direction: string, 
/**
 * A person approved that it leaves.
 */
approved: boolean, 
/**
 * The purpose to which a contact must have consented before it leaves; empty for none.
 */
purpose: string, };

export type FigureView = { 
/**
 * What is counted.
 */
what: string, 
/**
 * How many.
 */
count: number, 
/**
 * Filter text.
 */
filter: string, };

export type FileView = { 
/**
 * `fil_…`
 */
id: string, 
/**
 * Its name.
 */
name: string, 
/**
 * How long it is.
 */
bytes: number, 
/**
 * By whom it was added.
 */
author: string, 
/**
 * RFC 3339.
 */
createdAt: string, 
/**
 * Opening it may run it.
 */
isProgram: boolean, };

export type FillRemote = { 
/**
 * `rem_…`
 */
id: string, 
/**
 * Fields that change; the others stay.
 */
fields: Array<FilledField>, };

export type FilledField = { 
/**
 * Which.
 */
name: string, 
/**
 * With what; a secret in clear.
 */
value: string, };

export type FindPlaces = { 
/**
 * `carddav`
 */
kind: string, 
/**
 * Address.
 */
url: string, 
/**
 * Who signs in; may be empty.
 */
user: string, 
/**
 * With what; may be empty.
 */
password: string, };

export type FindSubject = { 
/**
 * An email, a phone, an external ID, a handle, our id or a name.
 */
text: string, };

export type FormFieldView = { 
/**
 * By which it is sent.
 */
name: string, 
/**
 * What people call it.
 */
label: string, 
/**
 * What is to be written there; may be empty.
 */
help: string, 
/**
 * `text`, `secret`, `url`, `path`, `number`, `toggle` (`yes` or `no`) or `choice`.
 */
kind: string, 
/**
 * What it is set to, or what it is when nobody fills it in; empty for a secret.
 */
value: string, 
/**
 * What can be chosen.
 */
choices: Array<string>, 
/**
 * It has to be filled in.
 */
required: boolean, 
/**
 * Only shown to who asks for it.
 */
advanced: boolean, 
/**
 * The vendor does not document it.
 */
assumed: boolean, };

export type FoundView = { 
/**
 * Places of messages, from 0.
 */
places: Array<number>, };

export type GrantsView = { 
/**
 * Its own rules first, then those of its tier, department and tags.
 */
rules: Array<RuleView>, 
/**
 * What is sent, platform by platform.
 */
metadata: Array<PlatformMetadata>, };

export type Held = { 
/**
 * Key of the field: `email`.
 */
field: string, 
/**
 * What both sides last agreed on.
 */
base: string, 
/**
 * What it is here.
 */
mine: string, 
/**
 * Who wrote that, if it is known.
 */
mineBy: string, 
/**
 * When (RFC 3339), if it is known.
 */
mineAt: string, 
/**
 * What it is there.
 */
theirs: string, 
/**
 * A person may type another value for both.
 */
editable: boolean, 
/**
 * Since when it waits (RFC 3339).
 */
since: string, };

export type HintView = { 
/**
 * `rem_…`
 */
id: string, 
/**
 * What people call it.
 */
name: string, 
/**
 * Hints of it are heard.
 */
on: boolean, 
/**
 * Where they go.
 */
url: string, };

export type HintsView = { 
/**
 * On this computer.
 */
port: number, 
/**
 * In the order of their names.
 */
remotes: Array<HintView>, };

export type HistoryRequest = { 
/**
 * At most so many.
 */
limit: number, };

export type HistoryView = { 
/**
 * Newest first.
 */
operations: Array<OperationView>, };

export type HitView = { 
/**
 * `message`, `note` or `memory`.
 */
kind: string, 
/**
 * Its id.
 */
id: string, 
/**
 * `cnv_…` of a message.
 */
conversation: string | null, 
/**
 * `ctc_…`; nothing when nobody knows whose it is.
 */
contact: string | null, 
/**
 * What to call the contact.
 */
name: string, 
/**
 * The text around the place, before, at and after it.
 */
excerpt: [string, string, string], 
/**
 * RFC 3339.
 */
at: string, };

export type HitsView = { 
/**
 * The newest first, at most 200.
 */
hits: Array<HitView>, };

export type ImportDone = { 
/**
 * Outcomes, from the transactions.
 */
counts: Record<"records" | "created" | "updated" | "unchanged" | "duplicate" | "suppressed" | "rejected", number>, 
/**
 * File of the records that were not taken.
 */
rejectsFile: string | null, 
/**
 * `opr_…`, when anything was written.
 */
operation: string | null, };

export type ImportFile = { 
/**
 * Its path, as a dialog or a drop gave it.
 */
file: string, 
/**
 * How contacts that are here may change.
 */
policy: "fill" | "newest" | "ask", 
/**
 * With `ask`: numbers of the records whose values win over the card.
 */
wins: Array<number>, 
/**
 * Where columns go, when it was changed: one text form per column.
 */
targets: Array<string> | null, 
/**
 * Encoding, when it was chosen.
 */
encoding: string | null, 
/**
 * One character between cells, when it was chosen.
 */
separator: string | null, 
/**
 * Whether there is a header, when it was chosen.
 */
header: boolean | null, };

export type InsightsRequest = { 
/**
 * Filter text; empty means everybody.
 */
filter: string, };

export type InsightsView = { 
/**
 * All contacts of the picture.
 */
total: FigureView, 
/**
 * Those seen in the last 30 days.
 */
active: FigureView, 
/**
 * Those with a conversation.
 */
talked: FigureView, 
/**
 * Those who proved who they are.
 */
verified: FigureView, 
/**
 * Pairs that most likely are one person; null when nobody looked.
 */
duplicates: number | null, 
/**
 * Twelve months, the latest last.
 */
growth: Array<MonthView>, 
/**
 * Where they first came from.
 */
sources: Array<FigureView>, 
/**
 * Lifecycle stages in their order.
 */
stages: Array<FigureView>, 
/**
 * What is missing.
 */
quality: Array<FigureView>, };

export type JobRef = { 
/**
 * As its progress names it.
 */
job: string, };

export type JoinRequest = { 
/**
 * `ctc_…` of the card that goes.
 */
from: string, 
/**
 * Our id, an external ID or an email of the card that stays; or …
 */
contact: string | null, 
/**
 * … the external ID of whoever has it; the card gets it itself when nobody has.
 */
link: LinkView | null, 
/**
 * `ctc_…` of the card that the preview named; nothing when it named none.
 */
seen: string | null, };

export type JoinView = { 
/**
 * The card that goes.
 */
from: CardRef, 
/**
 * The card that stays; nothing when nobody has the external ID.
 */
to: CardRef | null, 
/**
 * What the card that stays will say.
 */
changes: Array<FieldChangeView>, 
/**
 * How many parts of each kind move.
 */
moves: Array<[string, number]>, 
/**
 * External IDs that are nearly the one that was asked for.
 */
near: Array<NearView>, };

export type KeepRule = { 
/**
 * `rem_…`
 */
remote: string, 
/**
 * Key of the field: `email`.
 */
field: string, 
/**
 * `mine` or `theirs`.
 */
keep: string, 
/**
 * [`RulePreview::seen`].
 */
seen: string, };

export type KeepSenders = { 
/**
 * The mailbox.
 */
file: string, 
/**
 * Keys of the senders.
 */
keys: Array<string>, 
/**
 * What they wrote becomes conversations.
 */
texts: boolean, };

export type KeptView = { 
/**
 * `ctc_…`
 */
id: string, 
/**
 * What to call it.
 */
name: string, 
/**
 * The fields that were edited since; empty when the contact was kept as a whole.
 */
fields: Array<string>, };

export type KindView = { 
/**
 * `carddav`
 */
kind: string, 
/**
 * What people call it.
 */
label: string, 
/**
 * How one is set up.
 */
setup: SetupView, };

export type LaneCard = { 
/**
 * `ctc_…`
 */
id: string, 
/**
 * What to call it.
 */
name: string, 
/**
 * An organization.
 */
organization: boolean, 
/**
 * Its company.
 */
company: string, 
/**
 * Conversations so far.
 */
chats: number, 
/**
 * A person set the stage.
 */
byHand: boolean, 
/**
 * Since when it is in the stage (RFC 3339).
 */
since: string | null, };

export type LaneView = { 
/**
 * Its name; empty for those without one.
 */
stage: string, 
/**
 * How many there are.
 */
count: number, 
/**
 * Filter text that shows them.
 */
filter: string, 
/**
 * Those seen last.
 */
cards: Array<LaneCard>, };

export type LeadMatch = { 
/**
 * Their card.
 */
card: PersonView, 
/**
 * By what they were found.
 */
why: Said, 
/**
 * What the card gets.
 */
changes: Array<FieldChangeView>, };

export type LeadView = { 
/**
 * `led_…`
 */
id: string, 
/**
 * Which program told it.
 */
source: string, 
/**
 * What to call who it is of.
 */
name: string, 
/**
 * When it was told (RFC 3339).
 */
at: string, 
/**
 * All that was told, as JSON.
 */
told: string, 
/**
 * Whether the first of those below is who it is of, by an ID or an email: only what
 * it would replace waits.
 */
known: boolean, 
/**
 * Who it may be of.
 */
perhaps: Array<LeadMatch>, };

export type LeadsView = { 
/**
 * The latest first, at most 200.
 */
leads: Array<LeadView>, 
/**
 * How many wait in all.
 */
total: number, };

export type LetAgentSee = { 
/**
 * `agc_…`
 */
client: string, 
/**
 * `ctc_…`
 */
contact: string, 
/**
 * For how long; null for what the client has.
 */
minutes: number | null, };

export type LetterRequest = { 
/**
 * `req_…`
 */
id: string, 
/**
 * What it is about.
 */
letter: "received" | "identity" | "extension" | "refusal" | "done" | "lifting", };

export type LetterTo = { 
/**
 * `dlv_…`
 */
id: string, 
/**
 * Their language: `en`, `es`.
 */
language: string, };

export type LetterView = { 
/**
 * Who is written to.
 */
name: string, 
/**
 * To be looked over and sent.
 */
text: string, };

export type LiftRequest = { 
/**
 * `rst_…`
 */
id: string, 
/**
 * Why.
 */
because: string, };

export type Line = { 
/**
 * Name, email and phone in any order.
 */
line: string, };

export type LinkChangeView = { 
/**
 * The card that has the new one already; then it cannot be taken.
 */
owner: CardRef | null, 
/**
 * External IDs that are nearly the new one.
 */
near: Array<NearView>, 
/**
 * The card was verified, and will be no more.
 */
losesVerification: boolean, };

export type LinkView = { 
/**
 * Kind of remote, or a free word.
 */
connector: string, 
/**
 * Account, inbox or bot; empty when there is one.
 */
scope: string, 
/**
 * Byte for byte as the remote has it.
 */
external_id: string, };

export type LookedView = { 
/**
 * Pairs.
 */
pairs: number, };

export type Made = { 
/**
 * `ctc_…`, `nte_…`
 */
id: string, 
/**
 * `opr_…`, to undo just this.
 */
operation: string | null, };

export type MailFile = { 
/**
 * Path of an mbox or `.eml` file, or of a Maildir folder.
 */
file: string, };

export type MailView = { 
/**
 * Name of the file.
 */
name: string, 
/**
 * Messages read.
 */
messages: number, 
/**
 * Messages that say no sender.
 */
rejected: number, 
/**
 * New people first, those with most messages first; at most 2,000.
 */
senders: Array<SenderView>, 
/**
 * Senders in all.
 */
total: number, };

export type ManifestText = { 
/**
 * TOML.
 */
text: string, };

export type ManifestView = { 
/**
 * What it is called.
 */
label: string, 
/**
 * How it is set up.
 */
setup: SetupView, };

export type MemoryView = { 
/**
 * `mem_…`
 */
id: string, 
/**
 * What.
 */
text: string, 
/**
 * By whom.
 */
author: string, 
/**
 * `cnv_…`
 */
source: string | null, 
/**
 * 0 to 1.
 */
confidence: number | null, 
/**
 * Kept at the top.
 */
pinned: boolean, 
/**
 * RFC 3339.
 */
createdAt: string, };

export type MenuItemView = { 
/**
 * Its id in the page's list of commands.
 */
command: string, 
/**
 * What stands there.
 */
title: string, };

export type MenuView = { 
/**
 * Whether it is shown where a window has its own.
 */
shown: boolean, 
/**
 * In order.
 */
menus: Array<SubmenuView>, };

export type MessageView = { 
/**
 * `msg_…`
 */
id: string, 
/**
 * Who wrote.
 */
role: "contact" | "agent" | "staff", 
/**
 * Name of the writer; empty for the contact.
 */
author: string, 
/**
 * Text.
 */
text: string, 
/**
 * RFC 3339.
 */
at: string, };

export type MessagesRequest = { 
/**
 * `cnv_…`
 */
id: string, 
/**
 * First message.
 */
from: number, 
/**
 * Message after the last; at most 500 are given.
 */
to: number, };

export type MessagesView = { 
/**
 * Oldest first.
 */
messages: Array<MessageView>, };

export type MonthView = { 
/**
 * `2026-11`
 */
month: string, 
/**
 * Contacts first seen in it.
 */
new: FigureView, 
/**
 * Contacts that were known at its end, of those that are here now.
 */
atEnd: number, };

export type NearMissView = { 
/**
 * As the remote has it.
 */
theirs: string, 
/**
 * As we have it.
 */
ours: string, 
/**
 * Whose: a name.
 */
contact: string, 
/**
 * How they differ.
 */
difference: Said, };

export type NearView = { 
/**
 * Whose it is.
 */
card: CardRef, 
/**
 * As it is stored.
 */
link: LinkView, 
/**
 * How the two differ.
 */
difference: Said, };

export type NewContact = { 
/**
 * Name, email and phone in any order.
 */
line: string, };

export type NewField = { 
/**
 * Name on screen.
 */
label: string, 
/**
 * Its type.
 */
kind: "text" | "number" | "boolean" | "date" | "choice", };

export type NewRequest = { 
/**
 * What is asked for.
 */
right: "access" | "rectification" | "erasure" | "restriction" | "portability" | "objection", 
/**
 * By what the person is found.
 */
subject: string, 
/**
 * How the person is called.
 */
name: string, 
/**
 * Where the answer goes.
 */
replyTo: string, 
/**
 * `en`, `es`.
 */
language: string, 
/**
 * How it came.
 */
channel: string, 
/**
 * Of an objection: the purpose; empty for all.
 */
purpose: string, 
/**
 * What else was said.
 */
note: string, 
/**
 * The day it came; empty for today.
 */
received: string, };

export type NewSpace = { 
/**
 * `ctc_…`
 */
contact: string, 
/**
 * What to call it.
 */
name: string, };

export type NewWording = { 
/**
 * `pur_…`
 */
purpose: string, 
/**
 * `en`, `es`.
 */
language: string, 
/**
 * Word for word.
 */
text: string, };

export type NoteView = { 
/**
 * `nte_…`
 */
id: string, 
/**
 * Markdown.
 */
text: string, 
/**
 * Left out of access requests unless decided otherwise.
 */
internal: boolean, 
/**
 * By whom.
 */
author: string, 
/**
 * RFC 3339.
 */
createdAt: string, 
/**
 * RFC 3339.
 */
updatedAt: string, };

export type Nothing = Record<symbol, never>;

export type OpenFile = { 
/**
 * `fil_…`
 */
id: string, 
/**
 * The person said that it may be opened though it may run.
 */
evenAProgram: boolean, };

export type OperationRef = { 
/**
 * `opr_…`, or nothing for the latest.
 */
id: string | null, };

export type OperationView = { 
/**
 * `opr_…`
 */
id: string, 
/**
 * `import`, `contact_edit`, `undo`.
 */
kind: string, 
/**
 * To what, in a few words.
 */
subject: string, 
/**
 * By whom.
 */
actor: string, 
/**
 * Through which door.
 */
origin: string, 
/**
 * RFC 3339.
 */
at: string, 
/**
 * `done`, `undone`, `rolled_back` or `open`.
 */
state: string, 
/**
 * Counts from the transaction.
 */
counts: Record<string, number> | null, };

export type OutFile = { 
/**
 * Its whole path.
 */
file: string, 
/**
 * Whether a file of this name may be replaced: a dialog asked.
 */
replace: boolean, };

export type PairRef = { 
/**
 * `ctc_…`
 */
one: string, 
/**
 * `ctc_…`
 */
other: string, };

export type PairView = { 
/**
 * The older card.
 */
one: PersonView, 
/**
 * The other.
 */
other: PersonView, 
/**
 * 0 to 100.
 */
score: number, 
/**
 * Whether they most likely are.
 */
likely: boolean, 
/**
 * Why, the weightiest first.
 */
reasons: Array<ReasonView>, };

export type PartRef = { 
/**
 * `nte_…`, `tsk_…`, `mem_…`, `cnv_…`, `rat_…`
 */
id: string, };

export type PartsView = { 
/**
 * Of the team; newest first.
 */
notes: Array<NoteView>, 
/**
 * The one due next first; what is over last.
 */
tasks: Array<TaskView>, 
/**
 * Pinned ones first.
 */
memories: Array<MemoryView>, 
/**
 * The latest first.
 */
conversations: Array<ConversationView>, 
/**
 * Newest first.
 */
ratings: Array<RatingView>, 
/**
 * Average rating.
 */
rating: number | null, 
/**
 * In the order they were put on the card.
 */
spaces: Array<SpaceView>, 
/**
 * Oldest first.
 */
secrets: Array<SecretView>, 
/**
 * Oldest first.
 */
payments: Array<PaymentView>, 
/**
 * The picture, base64 of a PNG.
 */
avatar: string | null, };

export type Passphrase = { 
/**
 * At least eight characters.
 */
passphrase: string, };

export type PasteRequest = { 
/**
 * Rows in lines, cells between tabs.
 */
text: string, 
/**
 * Number of the view.
 */
view: number, 
/**
 * First row.
 */
from: number, 
/**
 * Row after the last.
 */
to: number, 
/**
 * Keys of columns.
 */
columns: Array<string>, };

export type PastedView = { 
/**
 * Contacts that changed.
 */
changed: number, 
/**
 * Contacts that did not.
 */
unchanged: number, 
/**
 * Cells that were not taken.
 */
refused: number, 
/**
 * The first of them: row from 1, column, text, reason.
 */
first: Array<[number, string, string, Said]>, 
/**
 * `opr_…`, to undo just this; null when nothing changed.
 */
operation: string | null, };

export type PaymentView = { 
/**
 * `pay_…`
 */
id: string, 
/**
 * What to call it.
 */
label: string, 
/**
 * Its id at the provider.
 */
account: string, 
/**
 * Email it is kept under there.
 */
email: string, };

export type PermissionsView = { 
/**
 * In the order they were added.
 */
bases: Array<BaseView>, 
/**
 * In the order they were added.
 */
rules: Array<RuleView>, };

export type PersonView = { 
/**
 * `ctc_…`
 */
id: string, 
/**
 * What to call it.
 */
name: string, 
/**
 * Its primary email.
 */
email: string, 
/**
 * Its primary phone.
 */
phone: string, 
/**
 * Its company.
 */
company: string, 
/**
 * Where it came from.
 */
source: string, 
/**
 * How many conversations it has.
 */
chats: number, };

export type Pinged = { 
/**
 * Its status.
 */
status: number, };

export type PlaceView = { 
/**
 * Where it is.
 */
url: string, 
/**
 * What its owner calls it.
 */
name: string, };

export type PlacesView = { 
/**
 * In the order of the server.
 */
places: Array<PlaceView>, };

export type PlanView = { 
/**
 * Name of the file.
 */
name: string, 
/**
 * Name of the format.
 */
format: string, 
/**
 * Name of the program it comes from.
 */
dialect: string | null, 
/**
 * Encoding, where the file is text.
 */
encoding: string | null, 
/**
 * Whether the encoding follows from the bytes.
 */
encodingCertain: boolean, 
/**
 * Between cells, where there are cells.
 */
separator: string | null, 
/**
 * Line of the header, 0 when there is none.
 */
headerLine: number, 
/**
 * Columns in order.
 */
columns: Array<ColumnView>, 
/**
 * Outcomes.
 */
counts: Record<"records" | "created" | "updated" | "unchanged" | "duplicate" | "suppressed" | "rejected", number>, 
/**
 * The first rejects.
 */
rejects: Array<RejectView>, 
/**
 * The first updates.
 */
updates: Array<UpdateView>, 
/**
 * Whether the mapping is the one of an earlier file with the same columns.
 */
isRemembered: boolean, 
/**
 * Size of the file in bytes.
 */
bytes: number, };

export type PlatformMetadata = { 
/**
 * Which.
 */
platform: string, 
/**
 * Query metadata as the platform takes it.
 */
json: unknown, };

export type PreviewView = { 
/**
 * Its first lines.
 */
text: string, 
/**
 * Contacts the file will hold.
 */
contacts: number, 
/**
 * Contacts that are left out: restricted, or not to be used for the purpose.
 */
withheld: number, };

export type PrivacyCardView = { 
/**
 * How the contact stands to every purpose.
 */
purposes: Array<StandsView>, 
/**
 * All that was said, the latest first.
 */
ledger: Array<ConsentView>, 
/**
 * Those in force first.
 */
restrictions: Array<RestrictionView>, };

export type ProcessingView = { 
/**
 * Who answers for the data.
 */
controller: ControllerView, 
/**
 * Who gets data by itself.
 */
recipients: Array<RecipientView>, 
/**
 * Where contacts come from, most first.
 */
sources: Array<[string, number]>, 
/**
 * What has to be said and was not.
 */
missing: Array<Said>, };

export type PromoteKey = { 
/**
 * Key at the top of the metadata.
 */
key: string, 
/**
 * Name of the field.
 */
label: string, };

export type ProposalView = { 
/**
 * `agp_…`
 */
id: string, 
/**
 * `agc_…`
 */
client: string, 
/**
 * What the client is called.
 */
clientName: string, 
/**
 * `ctc_…`
 */
contact: string, 
/**
 * What to call the contact.
 */
name: string, 
/**
 * What it is.
 */
sort: "memory" | "task" | "update" | "conversation" | "access", 
/**
 * Of an update: the key of the field.
 */
field: string, 
/**
 * What would be written.
 */
says: Said, 
/**
 * All of it, where that says more.
 */
more: Array<string>, 
/**
 * When it was made (RFC 3339).
 */
at: string, };

export type ProposalsView = { 
/**
 * The oldest first.
 */
proposals: Array<ProposalView>, };

export type ProtectBy = { "by": "keychain" } | { "by": "passphrase", 
/**
 * At least eight characters.
 */
passphrase: string, } | { "by": "nothing" };

export type PurposeParts = { 
/**
 * `pur_…`; empty for a new one.
 */
id: string, 
/**
 * A small word that never changes.
 */
key: string, 
/**
 * What people call it.
 */
name: string, 
/**
 * Why the law lets it be.
 */
basis: "consent" | "contract" | "legal_obligation" | "vital_interest" | "public_task" | "legitimate_interest", 
/**
 * Direct marketing.
 */
marketing: boolean, 
/**
 * What is done.
 */
description: string, 
/**
 * The law, the contract or the interest it rests on.
 */
ground: string, 
/**
 * Whose data.
 */
subjects: string, 
/**
 * Which data.
 */
data: string, 
/**
 * How long it is kept.
 */
keptFor: string, };

export type PurposeRef = { 
/**
 * `pur_…`
 */
id: string, 
/**
 * Given up, or taken up again.
 */
retired: boolean, };

export type PurposeView = { 
/**
 * Given up: nobody may be used for it.
 */
retired: boolean, 
/**
 * Contacts that last said yes.
 */
given: number, 
/**
 * Contacts that last said no.
 */
refused: number, 
/**
 * Contacts that object.
 */
objected: number, 
/**
 * The texts people are asked with, newest first.
 */
wordings: Array<WordingView>, 
/**
 * `pur_…`; empty for a new one.
 */
id: string, 
/**
 * A small word that never changes.
 */
key: string, 
/**
 * What people call it.
 */
name: string, 
/**
 * Why the law lets it be.
 */
basis: "consent" | "contract" | "legal_obligation" | "vital_interest" | "public_task" | "legitimate_interest", 
/**
 * Direct marketing.
 */
marketing: boolean, 
/**
 * What is done.
 */
description: string, 
/**
 * The law, the contract or the interest it rests on.
 */
ground: string, 
/**
 * Whose data.
 */
subjects: string, 
/**
 * Which data.
 */
data: string, 
/**
 * How long it is kept.
 */
keptFor: string, };

export type PurposesView = { 
/**
 * In the order they were made.
 */
purposes: Array<PurposeView>, 
/**
 * Words for why the law lets a purpose be, each with its article.
 */
bases: Array<[string, string]>, };

export type PutAgent = { 
/**
 * What it may.
 */
client: AgentParts, 
/**
 * As it was shown to who changed it; null for a new one. What others changed since stays.
 */
seen: AgentParts | null, 
/**
 * Empty when the review says yes.
 */
reason: string, };

export type PutDraft = { 
/**
 * `req_…`
 */
id: string, 
/**
 * All that is chosen now.
 */
chosen: DsarDraft, };

export type PutMemory = { 
/**
 * `ctc_…`
 */
contact: string, 
/**
 * `mem_…` of the one to change.
 */
id: string | null, 
/**
 * What.
 */
text: string, 
/**
 * Kept at the top.
 */
pinned: boolean, };

export type PutNote = { 
/**
 * `ctc_…`
 */
contact: string, 
/**
 * `nte_…` of the one to change.
 */
id: string | null, 
/**
 * Markdown.
 */
text: string, 
/**
 * Left out of access requests unless decided otherwise.
 */
internal: boolean, };

export type PutPayment = { 
/**
 * `ctc_…`
 */
contact: string, 
/**
 * `pay_…` of the one to change.
 */
id: string | null, 
/**
 * What to call it.
 */
label: string, 
/**
 * Its id at the provider.
 */
account: string, 
/**
 * Email it is kept under there.
 */
email: string, };

export type PutRating = { 
/**
 * `ctc_…`
 */
contact: string, 
/**
 * 1 to 5.
 */
value: number, 
/**
 * Why.
 */
reason: string, 
/**
 * `cnv_…`
 */
conversation: string | null, 
/**
 * `msg_…`
 */
message: string | null, };

export type PutRule = { 
/**
 * `ctc_…` of a rule on a card.
 */
contact: string | null, 
/**
 * The rule.
 */
rule: RuleParts, };

export type PutTask = { 
/**
 * `ctc_…`
 */
contact: string, 
/**
 * `tsk_…` of the one to change.
 */
id: string | null, 
/**
 * What is to be done.
 */
title: string, 
/**
 * RFC 3339; nothing for a task without a time.
 */
startsAt: string | null, 
/**
 * RFC 5545; empty for once.
 */
rule: string, 
/**
 * IANA.
 */
zone: string, };

export type QuarantinedView = { 
/**
 * How the remote calls it.
 */
key: string, 
/**
 * Why.
 */
reason: Said, 
/**
 * Since when (RFC 3339).
 */
at: string, };

export type QuickAdd = { 
/**
 * The name.
 */
name: string, 
/**
 * The email, if there is one.
 */
email: string, 
/**
 * The phone, if there is one.
 */
phone: string, 
/**
 * Contacts with the same email or phone.
 */
duplicates: Array<Duplicate>, };

export type RatingView = { 
/**
 * `rat_…`
 */
id: string, 
/**
 * 1 to 5.
 */
value: number, 
/**
 * Why.
 */
reason: string, 
/**
 * RFC 3339.
 */
at: string, };

export type ReasonView = { 
/**
 * `same phone`
 */
text: Said, 
/**
 * Whether it speaks for one person.
 */
speaksFor: boolean, };

export type Receipt = { 
/**
 * `cardfile-erasure/1`
 */
format: string, 
/**
 * `era_…`
 */
erasure: string, 
/**
 * `pending`, `local_done`, `propagating`, `done` or `done_with_exceptions`.
 */
state: string, 
/**
 * When nothing was left to be done (RFC 3339).
 */
ended_at: string | null, 
/**
 * What was done here.
 */
facts: Facts, 
/**
 * Who had the data, and what they were told.
 */
recipients: Array<Recipient>, 
/**
 * Places that have proven that the person is gone there, of how many: this computer and
 * every recipient.
 */
proven: [number, number], 
/**
 * What stays, and why: `shared_spaces`, `team_devices`, `letters`.
 */
exceptions: Array<string>, 
/**
 * How often the person was turned away since.
 */
returns: number, 
/**
 * When the suppression was lifted (RFC 3339).
 */
lifted_at: string | null, };

export type ReceivedOn = { 
/**
 * The day; empty for today.
 */
received: string, };

export type RecipeView = { 
/**
 * `rcp_…`; empty for ours and for a new one.
 */
id: string, 
/**
 * What it is called.
 */
name: string, 
/**
 * What the file is.
 */
format: "csv" | "xlsx" | "parquet" | "vcard" | "ndjson" | "everything", 
/**
 * Key and heading of each column.
 */
columns: Array<[string, string]>, 
/**
 * Filter text; empty for everyone.
 */
filter: string, 
/**
 * Formulas are guarded for spreadsheets.
 */
spreadsheet: boolean, 
/**
 * One character between cells.
 */
separator: string, 
/**
 * Begins with a byte order mark.
 */
bom: boolean, };

export type RecipesView = { 
/**
 * Ours first, which have no id.
 */
recipes: Array<RecipeView>, };

export type Recipient = { 
/**
 * `dlv_…`
 */
delivery: string, 
/**
 * What people call it.
 */
name: string, 
/**
 * Which connector.
 */
kind: string, 
/**
 * `queued`, `acked`, `confirmed`, `manual` or `told`.
 */
state: string, 
/**
 * What came of the last attempt; empty when nothing is wrong.
 */
code: string, 
/**
 * The record was there again after it had gone.
 */
came_back: boolean, 
/**
 * Attempts in this state.
 */
attempts: number, 
/**
 * When it is tried next (RFC 3339).
 */
next_at: string | null, 
/**
 * When the record was gone (RFC 3339).
 */
acked_at: string | null, };

export type RecipientPlace = { 
/**
 * `rem_…`
 */
id: string, 
/**
 * Its country.
 */
country: string, 
/**
 * What protects the data there.
 */
safeguard: string, };

export type RecipientView = { 
/**
 * `rem_…`
 */
id: string, 
/**
 * What it is called.
 */
name: string, 
/**
 * Which kind of system.
 */
kind: string, 
/**
 * Fields that may leave, each with the purpose it needs.
 */
fields: Array<[string, string | null]>, 
/**
 * Its country.
 */
country: string, 
/**
 * What protects the data there.
 */
safeguard: string, };

export type Refused = { 
/**
 * Which pair; decisions name it.
 */
pair: number, 
/**
 * `rem_…`
 */
remote: string, 
/**
 * What people call the remote.
 */
remoteName: string, 
/**
 * `ctc_…`; empty when the contact is gone.
 */
contact: string, 
/**
 * Its name.
 */
name: string, 
/**
 * Why, in the words of the remote.
 */
reason: string, 
/**
 * How often it was sent.
 */
times: number, 
/**
 * Since when (RFC 3339).
 */
since: string, 
/**
 * What was to be written; nothing for a deletion.
 */
values: Array<RefusedValue>, };

export type RefusedValue = { 
/**
 * Key of the field: `email`.
 */
field: string, 
/**
 * What it was to say; empty to empty it.
 */
value: string, };

export type RegisterFile = { 
/**
 * Its whole path; JSON for a name that ends so, else a page to print.
 */
file: string, 
/**
 * `en`, `es`.
 */
language: string, 
/**
 * Whether a file of this name may be replaced: a dialog asked.
 */
replace: boolean, };

export type RejectView = { 
/**
 * Physical line.
 */
line: number, 
/**
 * Name of the column or property, when one value is at fault.
 */
column: string | null, 
/**
 * The place in the words of the format (`Contacts!C17`).
 */
place: string | null, 
/**
 * What is wrong.
 */
message: Said, 
/**
 * The cell or line, shortened.
 */
value: string, };

export type RelinkView = { 
/**
 * `renamed`: the record says another ID than before. `replaced`: it is gone, and another came
 * that says the same email.
 */
how: string, 
/**
 * The ID by which it was known; how the remote calls it where it had none.
 */
from: string, 
/**
 * The ID it has now, or the one that came has.
 */
to: string, 
/**
 * The name in the record as it is now.
 */
name: string, 
/**
 * The emails in it, each on its line.
 */
email: string, 
/**
 * The name of another contact that goes by the new ID already; null when it is free.
 */
takenBy: string | null, };

export type RemotePassword = { 
/**
 * `rem_…`
 */
id: string, 
/**
 * In clear.
 */
password: string, };

export type RemoteRef = { 
/**
 * `rem_…`
 */
id: string, };

export type RemoteView = { 
/**
 * `rem_…`
 */
id: string, 
/**
 * What people call it.
 */
name: string, 
/**
 * `carddav`
 */
kind: string, 
/**
 * What people call its kind.
 */
label: string, 
/**
 * Address, as it was typed.
 */
url: string, 
/**
 * Who signs in.
 */
user: string, 
/**
 * Where the contacts are.
 */
place: string, 
/**
 * `off` (not reviewed yet), `running`, `healthy`, `asks` (for a person), `sign_in`, `failed`.
 */
state: string, 
/**
 * What the last run said, if it did not end well.
 */
message: Said | null, 
/**
 * What goes where.
 */
sentence: Said, 
/**
 * Fields it could carry, and their rules.
 */
fields: Array<FieldRule>, 
/**
 * The database of the team that shares it; null where none does.
 */
team: TeamView | null, 
/**
 * Conflicts that are decided once and for all.
 */
rules: Array<ConflictRule>, 
/**
 * Minutes between runs; 0: only by hand.
 */
everyMinutes: number, 
/**
 * A run follows a change here.
 */
onChange: boolean, 
/**
 * Records hold how many of our writes they have seen.
 */
stamps: boolean, 
/**
 * How it is set up.
 */
setup: SetupView, 
/**
 * Contacts that have a record there.
 */
linked: number, 
/**
 * Contacts of which something waits for a person.
 */
waiting: number, 
/**
 * Writes that it does not take.
 */
refused: number, 
/**
 * Records that cannot be taken, and why.
 */
quarantined: Array<QuarantinedView>, 
/**
 * Questions of the last run that wait for a person.
 */
asked: Array<Said>, 
/**
 * The last run.
 */
last: RunView | null, };

export type RemotesView = { 
/**
 * In the order of their names.
 */
remotes: Array<RemoteView>, 
/**
 * What a new one can be.
 */
kinds: Array<KindView>, 
/**
 * What stands in the Inbox for all of them.
 */
waiting: number, };

export type RenameTag = { 
/**
 * As it is.
 */
name: string, 
/**
 * As it will be; the name of another tag joins the two.
 */
to: string, };

export type ReplacedRef = { 
/**
 * What it is called.
 */
name: string, };

export type ReplacedView = { 
/**
 * What it is called.
 */
name: string, 
/**
 * When it was put aside.
 */
at: string | null, 
/**
 * Its folder.
 */
dir: string, 
/**
 * Bytes it takes.
 */
bytes: number, 
/**
 * When it is given up; null when a person has to delete it.
 */
goesAt: string | null, };

export type ReplayWebhook = { 
/**
 * `whk_…`
 */
id: string, 
/**
 * `msg_…`; null for everything that was given up.
 */
message: string | null, };

export type RequestDetailView = { 
/**
 * The request.
 */
request: RequestView, 
/**
 * The cards of whoever asks; a card that is gone since is null.
 */
cards: Array<ContactRowView | null>, 
/**
 * Oldest first.
 */
trail: Array<AuditView>, 
/**
 * On what it could be refused: word, sentence, article.
 */
grounds: Array<[string, Said, string]>, 
/**
 * Letters for which there is something to write about.
 */
letters: Array<string>, 
/**
 * The erasure that was done for it, `era_…`.
 */
erasure: string | null, };

export type RequestLetter = { 
/**
 * To be looked over and sent.
 */
text: string, 
/**
 * Language it is in.
 */
language: string, };

export type RequestRef = { 
/**
 * `req_…`
 */
id: string, };

export type RequestView = { 
/**
 * `req_…`
 */
id: string, 
/**
 * What people call it: `DSR-2026-014`.
 */
number: string, 
/**
 * What is asked for.
 */
right: "access" | "rectification" | "erasure" | "restriction" | "portability" | "objection", 
/**
 * Its article of the GDPR: `15`.
 */
article: string, 
/**
 * Where it stands.
 */
state: "received" | "identity_ok" | "approved" | "refused" | "done" | "done_with_exceptions" | "withdrawn", 
/**
 * The same in words.
 */
stands: Said, 
/**
 * By what the person is found; empty after an erasure.
 */
subject: string, 
/**
 * How the person is called.
 */
name: string, 
/**
 * Where the answer goes.
 */
replyTo: string, 
/**
 * Language of the letters.
 */
language: string, 
/**
 * How it came.
 */
channel: string, 
/**
 * Of an objection: key of the purpose; empty for all.
 */
purpose: string, 
/**
 * What else was said.
 */
note: string, 
/**
 * The day it came: `2026-11-21`.
 */
received: string, 
/**
 * The last day for the answer.
 */
due: string, 
/**
 * Days until then; less than 0 when it is over.
 */
daysLeft: number, 
/**
 * Where that is a Saturday or a Sunday: the Monday until which the law gives time.
 */
lawGivesUntil: string | null, 
/**
 * How much time is left.
 */
light: "done" | "green" | "amber" | "red", 
/**
 * Whether two months can be added.
 */
canExtend: boolean, 
/**
 * Why they were.
 */
extensionReason: string, 
/**
 * How it was made sure who asks; nothing before that, and after an erasure.
 */
identityHow: Said | null, 
/**
 * By whom it was decided.
 */
decidedBy: string, 
/**
 * On what a refusal rests, in words with its article.
 */
ground: [Said, string] | null, 
/**
 * The decision in words.
 */
decision: string, 
/**
 * `era_…`, or the SHA-256 of a bundle.
 */
outcome: string, 
/**
 * What may be done now.
 */
steps: ("prove_identity" | "approve" | "refuse" | "finish" | "finish_with_exceptions" | "withdraw")[], 
/**
 * What it goes through, in this order.
 */
stages: ("identity" | "subject" | "review" | "deed" | "answer")[], 
/**
 * Whether its cards can still be chosen.
 */
mayChoose: boolean, 
/**
 * Whether the register has to say what came of it.
 */
needsOutcome: boolean, };

export type RequestsView = { 
/**
 * Those in which something is left to do first, the most urgent at the top.
 */
requests: Array<RequestView>, 
/**
 * Open ones with more than a week left.
 */
green: number, 
/**
 * Open ones with a week or less.
 */
amber: number, 
/**
 * Open ones that are late.
 */
red: number, };

export type RestoreField = { 
/**
 * `ctc_…`
 */
id: string, 
/**
 * The operation that changed it, `opr_…`.
 */
operation: string, 
/**
 * Key in the catalogue, or `custom.` and a key.
 */
field: string, };

export type RestoreInto = { 
/**
 * Its path.
 */
file: string, 
/**
 * Name of the workspace.
 */
name: string, 
/**
 * Passphrase or recovery code of then; empty when it opens by itself.
 */
proof: string, };

export type RestoreOver = { 
/**
 * Its path.
 */
file: string, 
/**
 * Passphrase or recovery code of then; empty when it opens by itself.
 */
proof: string, };

export type RestoredView = { 
/**
 * The folder of the workspace.
 */
dir: string, 
/**
 * When the backup was made.
 */
at: string, 
/**
 * Contacts that were in it.
 */
contacts: number, 
/**
 * Whether who was erased since is known, and was erased again.
 */
knowsSince: boolean, 
/**
 * Tables of what was promised since that could not be brought over.
 */
notCarried: Array<string>, 
/**
 * Where the workspace is that was there before.
 */
kept: string | null, };

export type RestrictRequest = { 
/**
 * `ctc_…`
 */
contacts: Array<string>, 
/**
 * What may not be done.
 */
sort: "restricted" | "objected" | "held" | "no_agents", 
/**
 * Of an objection: the purpose; empty for all.
 */
purpose: string, 
/**
 * Why.
 */
reason: string, };

export type RestrictedView = { 
/**
 * `ctc_…`
 */
contact: string, 
/**
 * What to call it.
 */
name: string, 
/**
 * Those in force.
 */
restrictions: Array<RestrictionView>, };

export type RestrictionView = { 
/**
 * `rst_…`
 */
id: string, 
/**
 * What may not be done.
 */
sort: "restricted" | "objected" | "held" | "no_agents", 
/**
 * The same in words.
 */
says: Said, 
/**
 * Of an objection: key of the purpose; empty for all.
 */
purpose: string, 
/**
 * Why.
 */
reason: string, 
/**
 * `req_…`; empty when it came from none.
 */
request: string, 
/**
 * By whom.
 */
author: string, 
/**
 * Since when (RFC 3339).
 */
at: string, 
/**
 * Since when it does not hold any more (RFC 3339).
 */
liftedAt: string | null, 
/**
 * Why.
 */
liftedBecause: string, };

export type RestrictionsView = { 
/**
 * In the order of the contacts.
 */
cards: Array<RestrictedView>, };

export type RetentionGo = { 
/**
 * `ret_…`
 */
id: string, 
/**
 * As the preview said; when it is not that many any more, nothing happens.
 */
expected: number, };

export type RetentionParts = { 
/**
 * `ret_…`; empty for a new one.
 */
id: string, 
/**
 * What it is called.
 */
name: string, 
/**
 * What goes.
 */
what: "contacts" | "conversations" | "exports", 
/**
 * Only of this source or platform; empty for all.
 */
source: string, 
/**
 * Only at this level; empty for all.
 */
identity: "" | "anonymous" | "identified" | "verified", 
/**
 * Days after the last sign of life.
 */
days: number, 
/**
 * By itself no more than so many at once; 0 for no limit.
 */
ceiling: number, };

export type RetentionPreview = { 
/**
 * Whose time is over.
 */
matched: number, 
/**
 * Those that would go.
 */
going: number, 
/**
 * On hold.
 */
held: number, 
/**
 * Restricted.
 */
restricted: number, 
/**
 * Asked about in an open request.
 */
askedAbout: number, 
/**
 * What the history still tells of removed conversations goes as well.
 */
inHistory: boolean, 
/**
 * The first contacts that would go.
 */
first: Array<ContactRowView | null>, };

export type RetentionRef = { 
/**
 * `ret_…`
 */
id: string, };

export type RetentionRuleView = { 
/**
 * Whether it works by itself.
 */
state: "off" | "on" | "stopped", 
/**
 * When it last worked (RFC 3339).
 */
lastRunAt: string | null, 
/**
 * `ret_…`; empty for a new one.
 */
id: string, 
/**
 * What it is called.
 */
name: string, 
/**
 * What goes.
 */
what: "contacts" | "conversations" | "exports", 
/**
 * Only of this source or platform; empty for all.
 */
source: string, 
/**
 * Only at this level; empty for all.
 */
identity: "" | "anonymous" | "identified" | "verified", 
/**
 * Days after the last sign of life.
 */
days: number, 
/**
 * By itself no more than so many at once; 0 for no limit.
 */
ceiling: number, };

export type RetentionRunView = { 
/**
 * `rrn_…`
 */
id: string, 
/**
 * Its rule, `ret_…`.
 */
rule: string, 
/**
 * When (RFC 3339).
 */
at: string, 
/**
 * Whose time was over.
 */
matched: number, 
/**
 * Those that went.
 */
deleted: number, 
/**
 * Those that stayed.
 */
spared: number, 
/**
 * It stopped and asks: there were too many.
 */
stopped: boolean, };

export type RetentionView = { 
/**
 * In the order they were made.
 */
rules: Array<RetentionRuleView>, 
/**
 * The latest times they worked, newest first.
 */
runs: Array<RetentionRunView>, 
/**
 * Above so many at once a new rule stops and asks.
 */
ceiling: number, };

export type RevealSecret = { 
/**
 * `sec_…`
 */
id: string, 
/**
 * The passphrase or the recovery code.
 */
proof: string, };

export type Revealed = { 
/**
 * The value.
 */
value: string, };

export type ReversalView = { 
/**
 * The operation that was undone or done again.
 */
operation: OperationView, 
/**
 * Contacts removed.
 */
removed: number, 
/**
 * Contacts restored.
 */
restored: number, 
/**
 * Contacts left alone because a person edited them since.
 */
kept: Array<KeptView>, 
/**
 * Contacts that something else had removed.
 */
gone: number, };

export type ReviewView = { 
/**
 * `personalization`, `actions`, `segmentation`, `synchronization`.
 */
about: string, 
/**
 * Whether it holds.
 */
met: boolean, 
/**
 * What was found.
 */
evidence: Said, };

export type RowsRequest = { 
/**
 * Number of the view.
 */
view: number, 
/**
 * First row.
 */
from: number, 
/**
 * Row after the last; at most 500 rows are given.
 */
to: number, };

export type RowsView = { 
/**
 * In order.
 */
rows: Array<ContactRowView | null>, };

export type RuleParts = { 
/**
 * `rul_…`; empty for a new one.
 */
id: string, 
/**
 * By what contacts are chosen.
 */
axis: "card" | "tier" | "department" | "tag", 
/**
 * Which tier, department or tag; empty on a card.
 */
name: string, 
/**
 * For conversations on this platform.
 */
platform: string, 
/**
 * `kbs_…`
 */
base: string, 
/**
 * All of the base.
 */
everything: boolean, 
/**
 * Else these documents.
 */
documents: Array<string>, 
/**
 * And these FAQs.
 */
faqs: Array<string>, 
/**
 * And what carries these labels: key and value.
 */
labels: Array<[string, string]>, 
/**
 * One of the labels is enough.
 */
anyLabel: boolean, 
/**
 * A person confirmed that the base belongs to another platform.
 */
confirmed: boolean, };

export type RulePreview = { 
/**
 * Binds what was shown to what is done.
 */
seen: string, 
/**
 * Values it would settle.
 */
settles: number, 
/**
 * Contacts of which something waits at the connection.
 */
waiting: number, 
/**
 * The first 200 of the values.
 */
values: Array<Ruled>, };

export type RuleRef = { 
/**
 * `rem_…`
 */
remote: string, 
/**
 * Its key: `email`.
 */
field: string, };

export type RuleView = { 
/**
 * Its parts.
 */
rule: RuleParts, 
/**
 * What it says.
 */
sentence: Said, 
/**
 * Why it is not sent to its platform.
 */
warning: Said | null, 
/**
 * Whether it may be sent.
 */
pushable: boolean, };

export type Ruled = { 
/**
 * Which pair.
 */
pair: number, 
/**
 * `ctc_…`
 */
contact: string, 
/**
 * Its name.
 */
name: string, 
/**
 * What it is here.
 */
mine: string, 
/**
 * What it is there.
 */
theirs: string, };

export type RunPreview = { 
/**
 * How much.
 */
would: TotalsView, 
/**
 * What it would ask.
 */
questions: Array<Said>, 
/**
 * How looking at it ended, and what it moved.
 */
run: RunView, };

export type RunView = { 
/**
 * `run_…`
 */
id: string, 
/**
 * When it began (RFC 3339); empty in the answer to the run itself.
 */
at: string, 
/**
 * `running`, `done`, `previewed`, `cancelled`, `asks`, `failed`.
 */
state: string, 
/**
 * How it ended.
 */
message: Said, 
/**
 * What it did.
 */
counts: Counts, 
/**
 * `opr_…`, to undo what it changed here; null when it changed nothing.
 */
operation: string | null, 
/**
 * That was undone.
 */
undone: boolean, };

export type RunsView = { 
/**
 * Newest first, at most 50.
 */
runs: Array<RunView>, };

export type Said = { 
/**
 * An ICU message, in English; the key of the catalogues.
 */
template: string, 
/**
 * What stands in it, by name.
 */
arguments: { [key in string]: SaidArgument }, };

export type SaidArgument = string | number | Said;

export type SalvageInto = { 
/**
 * Name of the new workspace.
 */
name: string, 
/**
 * Passphrase or recovery code; empty when it opens by itself.
 */
proof: string, };

export type SalvagedView = { 
/**
 * The folder of the new workspace.
 */
dir: string, 
/**
 * Contacts that were saved.
 */
contacts: number, 
/**
 * Stretches that could not be read, and what they belonged to: `contact`, `message`.
 */
gaps: Array<[string, number]>, 
/**
 * Rows that were left out because what they belong to is lost.
 */
orphans: number, };

export type SaveFile = { 
/**
 * `fil_…`
 */
id: string, 
/**
 * A path that does not exist yet.
 */
target: string, };

export type SaveReceipt = { 
/**
 * `era_…`
 */
id: string, 
/**
 * The whole path of the file.
 */
file: string, 
/**
 * Whether files of these names may be replaced: a dialog asked.
 */
replace: boolean, };

export type SavedReceipt = { 
/**
 * The receipt as JSON.
 */
file: string, 
/**
 * Its signature, as minisign takes it.
 */
signature: string, 
/**
 * Fingerprint of the key it is checked with.
 */
fingerprint: string, };

export type SearchMessages = { 
/**
 * `cnv_…`
 */
id: string, 
/**
 * Text; accents and capitals do not matter.
 */
text: string, };

export type SearchTexts = { 
/**
 * Text; accents and capitals do not matter.
 */
text: string, };

export type SecretView = { 
/**
 * `sec_…`
 */
id: string, 
/**
 * What it opens.
 */
name: string, 
/**
 * `token`, `password`, `key`.
 */
sort: string, 
/**
 * RFC 3339.
 */
verifiedAt: string | null, 
/**
 * RFC 3339.
 */
revokedAt: string | null, 
/**
 * Whether its value is still there.
 */
isSealed: boolean, 
/**
 * RFC 3339.
 */
createdAt: string, };

export type SegmentParts = { 
/**
 * `seg_…`; empty for a new one.
 */
id: string, 
/**
 * What it is called.
 */
name: string, 
/**
 * Filter text.
 */
filter: string, 
/**
 * Search text.
 */
query: string, 
/**
 * Keys to sort by.
 */
sort: Array<string>, 
/**
 * Columns in their order; empty for those of the list.
 */
columns: Array<string>, 
/**
 * Height of a row; empty for that of the list.
 */
density: string, 
/**
 * What the people in it are kept together for.
 */
purpose: string, 
/**
 * Who answers for it.
 */
owner: string, 
/**
 * When somebody last looked (RFC 3339).
 */
reviewedAt: string | null, };

export type SegmentRef = { 
/**
 * `seg_…`
 */
id: string, };

export type SegmentView = { 
/**
 * How many contacts are in it; null where its filter makes no sense any more.
 */
count: number | null, 
/**
 * Nobody has looked at it for too long.
 */
stale: boolean, 
/**
 * `seg_…`; empty for a new one.
 */
id: string, 
/**
 * What it is called.
 */
name: string, 
/**
 * Filter text.
 */
filter: string, 
/**
 * Search text.
 */
query: string, 
/**
 * Keys to sort by.
 */
sort: Array<string>, 
/**
 * Columns in their order; empty for those of the list.
 */
columns: Array<string>, 
/**
 * Height of a row; empty for that of the list.
 */
density: string, 
/**
 * What the people in it are kept together for.
 */
purpose: string, 
/**
 * Who answers for it.
 */
owner: string, 
/**
 * When somebody last looked (RFC 3339).
 */
reviewedAt: string | null, };

export type SegmentsView = { 
/**
 * In the order they were made.
 */
segments: Array<SegmentView>, };

export type SenderView = { 
/**
 * As it is compared.
 */
key: string, 
/**
 * As it was written.
 */
address: string, 
/**
 * Name beside it.
 */
name: string, 
/**
 * Messages.
 */
messages: number, 
/**
 * RFC 3339.
 */
first: string | null, 
/**
 * RFC 3339.
 */
last: string | null, 
/**
 * Why it is no person.
 */
leftOut: Said | null, 
/**
 * `ctc_…` of the card that has the address.
 */
contact: string | null, };

export type SessionState = "first_run" | "locked" | "open";

export type SessionView = { 
/**
 * What is to be shown.
 */
state: SessionState, 
/**
 * Name of the workspace.
 */
name: string, 
/**
 * Its folder.
 */
dir: string, 
/**
 * The key lies open.
 */
unprotected: boolean, 
/**
 * What opens it: `keychain`, `passphrase`, `recovery`, `unprotected`.
 */
ways: Array<string>, 
/**
 * Whether this computer has a keychain.
 */
keychain: boolean, 
/**
 * Why a key is asked for although the keychain was to open it.
 */
whyLocked: Said | null, 
/**
 * Contacts outside the bin.
 */
contacts: number, 
/**
 * Contacts in the bin.
 */
binned: number, 
/**
 * Contacts in the archive; they are not in the list.
 */
archived: number, 
/**
 * Visitors outside the bin; they are not counted as contacts.
 */
visitors: number, 
/**
 * What opening it did, in sentences.
 */
notices: Array<Said>, 
/**
 * A file to import that the program was started with.
 */
handedOver: string | null, 
/**
 * A contact to show that it was started with.
 */
handedContact: string | null, 
/**
 * Version of the app.
 */
version: string, };

export type SetAvatar = { 
/**
 * `ctc_…`
 */
contact: string, 
/**
 * Path on this computer; nothing takes the picture away.
 */
file: string | null, };

export type SetHint = { 
/**
 * `rem_…`
 */
id: string, 
/**
 * Whether they are heard.
 */
on: boolean, 
/**
 * On another port; null for the one there is.
 */
port: number | null, };

export type SetRemote = { 
/**
 * `rem_…`
 */
id: string, 
/**
 * Rules of fields; the others stay.
 */
fields: Array<FieldRule>, 
/**
 * Minutes between runs; 0: only by hand.
 */
everyMinutes: number, 
/**
 * A run follows a change here.
 */
onChange: boolean, 
/**
 * Records hold how many of our writes they have seen.
 */
stamps: boolean, };

export type SetWebhook = { 
/**
 * `whk_…`
 */
id: string, 
/**
 * What people call it.
 */
name: string, 
/**
 * Where it is.
 */
url: string, 
/**
 * Words of all events it is told of.
 */
events: Array<string>, 
/**
 * What may be in it; the others stay.
 */
fields: Array<WebhookField>, };

export type SettingRef = { 
/**
 * `default_country`, `theme`, `density`.
 */
key: string, };

export type SettingView = { 
/**
 * `default_country`, `theme`, `density`.
 */
key: string, 
/**
 * Null when it was never set.
 */
value: unknown, };

export type SetupView = { 
/**
 * The form; empty for a kind that asks for an address, a user and a password.
 */
form: Array<FormFieldView>, 
/**
 * The hosts that it talks to, as far as they are known before the form is filled in.
 */
hosts: Array<string>, 
/**
 * What the vendor does not document and is taken to be so.
 */
assumed: Array<string>, 
/**
 * What the vendor cannot do, and what follows from it.
 */
cannot: Array<Said>, 
/**
 * A person may sign in with the browser.
 */
signsIn: boolean, 
/**
 * Something belongs to contacts there and can be fetched.
 */
fetches: boolean, };

export type SigningKeyView = { 
/**
 * `RW…`, as minisign takes it.
 */
key: string, 
/**
 * For letters.
 */
fingerprint: string, };

export type SnippetView = { 
/**
 * Which.
 */
program: string, 
/**
 * What it is called.
 */
label: Said, 
/**
 * In which file of it this belongs.
 */
file: string, 
/**
 * What to paste.
 */
text: string, };

export type SpaceOnCard = { 
/**
 * `ctc_…`
 */
contact: string, 
/**
 * `spc_…`
 */
space: string, };

export type SpaceView = { 
/**
 * `spc_…`
 */
id: string, 
/**
 * What to call it.
 */
name: string, 
/**
 * On how many cards it stands.
 */
cards: number, 
/**
 * Oldest first.
 */
files: Array<FileView>, };

export type SpacesView = { 
/**
 * By name: `spc_…` and what to call it.
 */
spaces: Array<[string, string]>, 
/**
 * Bytes taken.
 */
taken: number, 
/**
 * Bytes that may be taken.
 */
quota: number, };

export type StandsView = { 
/**
 * Key of the purpose.
 */
purpose: string, 
/**
 * What people call it.
 */
name: string, 
/**
 * Why the law lets it be.
 */
basis: string, 
/**
 * What was last said; null when nothing was.
 */
given: boolean | null, 
/**
 * When (RFC 3339).
 */
at: string | null, 
/**
 * Whether the contact may be used for it.
 */
mayUse: boolean, 
/**
 * Why not.
 */
whyNot: Said | null, };

export type StepRequest = { 
/**
 * `req_…`
 */
id: string, 
/**
 * What is done.
 */
step: "prove_identity" | "approve" | "refuse" | "finish" | "finish_with_exceptions" | "withdraw", 
/**
 * How it was made sure who asks, in words; of other steps empty.
 */
how: string, 
/**
 * The way in which it was; null for one that only the words say, and of other steps.
 */
check: "channel" | "login" | "code" | "document" | null, 
/**
 * Word of the ground of a refusal; of other steps null.
 */
ground: string | null, 
/**
 * The decision or the exceptions in words; may be empty.
 */
text: string, 
/**
 * What came of it; may be empty.
 */
outcome: string, 
/**
 * Of an approval: ids of the cards that are meant, and no others are frozen; null for all that
 * are the person's for certain.
 */
cards: Array<string> | null, };

export type StopAgents = { 
/**
 * None does.
 */
stopped: boolean, };

export type SubjectCard = { 
/**
 * `ctc_…`
 */
id: string, 
/**
 * What to call it.
 */
name: string, 
/**
 * Its first email.
 */
email: string, 
/**
 * By what it was found.
 */
why: Said, 
/**
 * It was named for certain; else a person has to choose it.
 */
isSure: boolean, 
/**
 * Only the history knows it any more.
 */
isGone: boolean, };

export type SubjectsView = { 
/**
 * Those that are theirs for certain first.
 */
cards: Array<SubjectCard>, };

export type SubmenuView = { 
/**
 * On the bar.
 */
title: string, 
/**
 * In order.
 */
items: Array<MenuItemView>, };

export type SuppressedView = { 
/**
 * `era_…`
 */
erasures: Array<string>, };

export type Switch = { "to": "folder", 
/**
 * Its whole path.
 */
dir: string, } | { "to": "new", 
/**
 * Its name.
 */
name: string, };

export type Tag = "contacts" | "facets" | "segments" | "duplicates" | "parts" | "history" | "exports" | "settings" | "remotes" | "backups" | "webhooks" | "erasures" | "privacy" | "agents" | "workspace";

export type TagRef = { 
/**
 * Its name.
 */
name: string, };

export type TaskView = { 
/**
 * `tsk_…`
 */
id: string, 
/**
 * What is to be done.
 */
title: string, 
/**
 * RFC 3339.
 */
startsAt: string | null, 
/**
 * RFC 5545; empty for once.
 */
rule: string, 
/**
 * IANA.
 */
zone: string, 
/**
 * Where it stands.
 */
status: "idle" | "running" | "canceled", 
/**
 * How its latest run ended.
 */
outcome: "pending" | "success" | "failure", 
/**
 * RFC 3339.
 */
lastRunAt: string | null, 
/**
 * RFC 3339.
 */
nextRunAt: string | null, 
/**
 * By whom.
 */
author: string, };

export type TeamField = { 
/**
 * Its key: `email`.
 */
field: string, 
/**
 * The purpose to which a contact must have consented before it leaves; empty for none.
 */
purpose: string, };

export type TeamView = { 
/**
 * What people call it.
 */
name: string, 
/**
 * What may leave for there.
 */
fields: Array<TeamField>, };

export type TimelineEntry = { 
/**
 * RFC 3339.
 */
at: string, 
/**
 * Kind of the operation.
 */
kind: string, 
/**
 * To what, in a few words.
 */
subject: string, 
/**
 * The part of the card it was about: `note: Calls before ten`.
 */
part: string | null, 
/**
 * By whom.
 */
actor: string, 
/**
 * `opr_…`
 */
operation: string, 
/**
 * Fields with old and new text.
 */
changes: Array<FieldChangeView>, };

export type TotalsView = { 
/**
 * Contacts that get values.
 */
pulled: number, 
/**
 * Contacts that are made.
 */
createdHere: number, 
/**
 * Contacts that go to the bin.
 */
deletedHere: number, 
/**
 * Records that get values.
 */
pushed: number, 
/**
 * Records that are made.
 */
createdThere: number, 
/**
 * Records that are deleted.
 */
deletedThere: number, 
/**
 * Values and deletions that wait for a person.
 */
held: number, };

export type Tried = { 
/**
 * It does.
 */
opens: boolean, };

export type TurnWebhook = { 
/**
 * `whk_…`
 */
id: string, 
/**
 * Whether it is told.
 */
on: boolean, };

export type Unlock = { 
/**
 * Passphrase or recovery code; empty to ask the keychain.
 */
secret: string, };

export type UpdateView = { 
/**
 * Physical line.
 */
line: number, 
/**
 * What to call the contact.
 */
name: string, 
/**
 * Number of the record.
 */
record: number, 
/**
 * Its fields.
 */
changes: Array<FieldChangeView>, 
/**
 * What would change beyond that if the file won over the card.
 */
contested: Array<FieldChangeView>, };

export type Verification = { 
/**
 * When (RFC 3339).
 */
at: string, 
/**
 * What SQLite said of emptying the journal: busy, pages, moved pages.
 */
checkpoint: [number, number, number], 
/**
 * Rows of the person that were found.
 */
rows_left: number, 
/**
 * Their texts that a search found; nothing after a crash, when nobody knows them.
 */
texts_found: number | null, 
/**
 * Their words in the bytes of files; nothing after a crash.
 */
bytes_found: number | null, 
/**
 * Files that were looked through.
 */
files_scanned: number, 
/**
 * Deleting wipes, in the database and in each index of texts.
 */
wipes: boolean, 
/**
 * `cipher`: bytes of the file say nothing without the key. `clear`: they were looked at.
 */
database: string, };

export type Verify = { 
/**
 * `ctc_…`
 */
id: string, 
/**
 * How that was made sure; nothing takes it back.
 */
how: string | null, };

export type ViewOpened = { 
/**
 * Number by which windows of rows are asked for.
 */
view: number, 
/**
 * Exact count.
 */
total: number, 
/**
 * The filter as a sentence.
 */
sentence: Said, 
/**
 * The filter in its text form, as it was understood.
 */
filter: string, 
/**
 * Only the first page, because the index is still being built; the window
 * hears when it is there, and asks again.
 */
isFirstPage: boolean, 
/**
 * Key of the purpose that says who may be shown.
 */
purpose?: string, };

export type ViewRequest = { 
/**
 * Search text as typed.
 */
query: string, 
/**
 * Filter in its text form.
 */
filter: string, 
/**
 * Keys of columns, the first first; `-` in front means descending.
 */
sort: Array<string>, 
/**
 * The bin instead of everything else.
 */
inBin: boolean, 
/**
 * The search looks into notes, memories and messages too.
 */
inTexts: boolean, 
/**
 * The saved view this is, `seg_…`: nobody is shown whom its purpose does not allow.
 */
segment?: string, };

export type VisitorSource = { 
/**
 * Word.
 */
source: string, 
/**
 * Whether.
 */
on: boolean, };

export type VisitorsView = { 
/**
 * Words.
 */
sources: Array<string>, };

export type WaitingConversation = { 
/**
 * `ctc_…`; nothing when nobody knows who it is.
 */
contact: string | null, 
/**
 * What to call the contact; empty when nobody knows who it is.
 */
name: string, 
/**
 * The conversation.
 */
conversation: ConversationView, };

export type WaitingView = { 
/**
 * The latest first, at most 500.
 */
conversations: Array<WaitingConversation>, 
/**
 * How many wait in all.
 */
total: number, };

export type WayRef = { 
/**
 * Which; the recovery code stays.
 */
way: "keychain" | "passphrase", };

export type WebhookField = { 
/**
 * Its name.
 */
field: string, 
/**
 * It may leave.
 */
approved: boolean, 
/**
 * The purpose to which a contact must have consented before it leaves; empty for none.
 */
purpose: string, };

export type WebhookLog = { 
/**
 * Newest first, at most 100.
 */
messages: Array<WebhookMessageView>, };

export type WebhookLogRequest = { 
/**
 * `whk_…`
 */
id: string, 
/**
 * Only those that were given up.
 */
dead: boolean, };

export type WebhookMessageView = { 
/**
 * `msg_…`
 */
id: string, 
/**
 * The word of the event.
 */
event: string, 
/**
 * `ctc_…`
 */
contactId: string, 
/**
 * What the contact is called; null when it is not there.
 */
contact: string | null, 
/**
 * When it happened (RFC 3339).
 */
at: string, 
/**
 * `waiting`, `done` or `dead`.
 */
state: string, 
/**
 * Attempts so far.
 */
attempts: number, 
/**
 * Status of the last answer; null when none came.
 */
status: number | null, 
/**
 * When it is tried next (RFC 3339).
 */
nextAt: string | null, };

export type WebhookRecipe = { 
/**
 * Its name.
 */
name: string, 
/**
 * What a person does, in order.
 */
steps: Array<Said>, 
/**
 * Fields there, and the parts of a message that they take.
 */
fields: Array<[string, string]>, };

export type WebhookRef = { 
/**
 * `whk_…`
 */
id: string, };

export type WebhookSecret = { 
/**
 * `whk_…`, or `rem_…` for hints.
 */
id: string, 
/**
 * Where messages go.
 */
url: string, 
/**
 * `whsec_…`
 */
secret: string, };

export type WebhookView = { 
/**
 * `whk_…`
 */
id: string, 
/**
 * What people call it.
 */
name: string, 
/**
 * Where it is.
 */
url: string, 
/**
 * `on`, `off`, `gone`, or `failing` when the last attempts did not get through.
 */
state: string, 
/**
 * Words of the events it is told of.
 */
events: Array<string>, 
/**
 * What may be in it.
 */
fields: Array<WebhookField>, 
/**
 * Messages that wait.
 */
waiting: number, 
/**
 * Messages that were given up.
 */
dead: number, 
/**
 * When something was last taken (RFC 3339).
 */
heardAt: string | null, 
/**
 * Since when nothing gets through (RFC 3339).
 */
failingSince: string | null, 
/**
 * When it is tried next, if it does not answer (RFC 3339).
 */
nextAt: string | null, 
/**
 * Status of the last answer; null when none came.
 */
status: number | null, };

export type WebhooksView = { 
/**
 * In the order of their names.
 */
webhooks: Array<WebhookView>, 
/**
 * Words of the events that one can be told of.
 */
events: Array<string>, 
/**
 * How other programs are set up.
 */
recipes: Array<WebhookRecipe>, };

export type WordingView = { 
/**
 * Counted from 1.
 */
version: number, 
/**
 * `en`, `es`.
 */
language: string, 
/**
 * Word for word.
 */
text: string, 
/**
 * SHA-256 of the text.
 */
sha256: string, 
/**
 * Since when (RFC 3339).
 */
at: string, };

export type WorkspaceView = { 
/**
 * What to call it: the name of its folder.
 */
name: string, 
/**
 * Its folder.
 */
dir: string, 
/**
 * Whether the window stands on it.
 */
isCurrent: boolean, };

export type WorkspacesView = { 
/**
 * The current one among them.
 */
workspaces: Array<WorkspaceView>, };

export type WrittenDown = { 
/**
 * Passphrase or recovery code.
 */
proof: string, };

export interface Commands {
  session_get: { request: Nothing; response: SessionView };
  workspace_create: { request: ProtectBy; response: Created };
  workspace_unlock: { request: Unlock; response: Nothing };
  workspace_lock: { request: Nothing; response: Nothing };
  workspace_list: { request: Nothing; response: WorkspacesView };
  workspace_switch: { request: Switch; response: Nothing };
  view_open: { request: ViewRequest; response: ViewOpened };
  view_rows: { request: RowsRequest; response: RowsView };
  view_count: { request: CountRequest; response: CountsView };
  segment_list: { request: Nothing; response: SegmentsView };
  segment_put: { request: SegmentParts; response: Made };
  segment_review: { request: SegmentRef; response: Made };
  board_get: { request: Nothing; response: BoardView };
  automation_list: { request: Nothing; response: AutomationsView };
  automation_put: { request: AutomationParts; response: Made };
  automation_preview: { request: AutomationParts; response: AutomationPreview };
  automation_on: { request: AutomationRef; response: BulkDone };
  automation_off: { request: AutomationRef; response: Changed };
  insight_get: { request: InsightsRequest; response: InsightsView };
  facets_get: { request: Nothing; response: Facets };
  contact_get: { request: ContactRef; response: ContactView };
  contact_create: { request: NewContact; response: Made };
  contact_edit: { request: EditContact; response: Changed };
  contact_bin: { request: ContactRefs; response: Changed };
  contact_restore: { request: ContactRefs; response: Changed };
  contact_verify: { request: Verify; response: Changed };
  field_restore: { request: RestoreField; response: Changed };
  link_preview: { request: ChangeLink; response: LinkChangeView };
  link_change: { request: ChangeLink; response: Changed };
  join_preview: { request: JoinRequest; response: JoinView };
  join_run: { request: JoinRequest; response: Made };
  visitor_get: { request: Nothing; response: VisitorsView };
  visitor_set: { request: VisitorSource; response: Nothing };
  duplicate_find: { request: Nothing; response: LookedView };
  duplicate_list: { request: Nothing; response: DuplicatesView };
  duplicate_distinguish: { request: PairRef; response: Changed };
  combine_preview: { request: CombineRequest; response: CombineView };
  combine_run: { request: CombineRequest; response: Made };
  bulk_run: { request: BulkRequest; response: BulkDone };
  contact_vcard: { request: ContactRef; response: BlockView };
  cells_copy: { request: CellRange; response: BlockView };
  cells_size: { request: BlockView; response: BlockSize };
  cells_paste: { request: PasteRequest; response: PastedView };
  bin_empty: { request: Nothing; response: BulkDone };
  quick_add_preview: { request: Line; response: QuickAdd };
  sample_load: { request: Nothing; response: Changed };
  sample_remove: { request: Nothing; response: Changed };
  tag_rename: { request: RenameTag; response: Changed };
  tag_delete: { request: TagRef; response: Changed };
  field_create: { request: NewField; response: Changed };
  field_change: { request: ChangeField; response: FieldChangedView };
  field_delete: { request: FieldRef; response: Changed };
  field_promote: { request: PromoteKey; response: Changed };
  job_stop: { request: JobRef; response: Nothing };
  menu_show: { request: MenuView; response: Nothing };
  desktop_tell: { request: DoneText; response: Nothing };
  part_list: { request: ContactRef; response: PartsView };
  part_remove: { request: PartRef; response: Changed };
  note_put: { request: PutNote; response: Made };
  task_put: { request: PutTask; response: Made };
  task_done: { request: PartRef; response: Changed };
  task_cancel: { request: PartRef; response: Changed };
  memory_put: { request: PutMemory; response: Made };
  rating_put: { request: PutRating; response: Made };
  payment_put: { request: PutPayment; response: Made };
  avatar_set: { request: SetAvatar; response: Changed };
  space_list: { request: Nothing; response: SpacesView };
  space_create: { request: NewSpace; response: Made };
  space_place: { request: SpaceOnCard; response: Changed };
  space_displace: { request: SpaceOnCard; response: Changed };
  file_add: { request: AddFiles; response: Changed };
  file_open: { request: OpenFile; response: Nothing };
  file_save: { request: SaveFile; response: Nothing };
  secret_add: { request: AddSecret; response: Made };
  secret_reveal: { request: RevealSecret; response: Revealed };
  secret_verify: { request: PartRef; response: Changed };
  secret_revoke: { request: PartRef; response: Changed };
  permission_list: { request: Nothing; response: PermissionsView };
  grant_list: { request: ContactRef; response: GrantsView };
  base_put: { request: BaseView; response: Made };
  rule_put: { request: PutRule; response: Made };
  rule_confirm: { request: PartRef; response: Changed };
  text_search: { request: SearchTexts; response: HitsView };
  conversation_messages: { request: MessagesRequest; response: MessagesView };
  conversation_search: { request: SearchMessages; response: FoundView };
  conversation_read: { request: PartRef; response: Nothing };
  conversation_claim: { request: Claim; response: Changed };
  inbox_list: { request: Nothing; response: WaitingView };
  lead_list: { request: Nothing; response: LeadsView };
  lead_decide: { request: DecideLead; response: Changed };
  history_list: { request: HistoryRequest; response: HistoryView };
  history_undo: { request: OperationRef; response: ReversalView };
  history_redo: { request: OperationRef; response: ReversalView };
  import_plan: { request: ImportFile; response: PlanView };
  import_run: { request: ImportFile; response: ImportDone };
  mail_propose: { request: MailFile; response: MailView };
  mail_keep: { request: KeepSenders; response: Changed };
  recipe_list: { request: Nothing; response: RecipesView };
  recipe_put: { request: RecipeView; response: Made };
  export_columns: { request: Nothing; response: ExportColumns };
  export_preview: { request: ExportFile; response: PreviewView };
  export_run: { request: ExportFile; response: ExportReport };
  export_log: { request: Nothing; response: ExportLogView };
  remote_list: { request: Nothing; response: RemotesView };
  remote_places: { request: FindPlaces; response: PlacesView };
  remote_add: { request: AddRemote; response: Made };
  remote_manifest: { request: ManifestText; response: ManifestView };
  remote_connect: { request: ConnectRemote; response: Made };
  remote_fill: { request: FillRemote; response: Nothing };
  remote_sign_in: { request: RemoteRef; response: Nothing };
  remote_fetch: { request: FetchBelongings; response: FetchedView };
  remote_set: { request: SetRemote; response: Nothing };
  remote_password: { request: RemotePassword; response: Nothing };
  remote_remove: { request: RemoteRef; response: Nothing };
  remote_check: { request: RemoteRef; response: CheckView };
  remote_enable: { request: EnableRemote; response: Nothing };
  remote_preview: { request: RemoteRef; response: RunPreview };
  remote_sync: { request: RemoteRef; response: RunView };
  remote_agree: { request: RemoteRef; response: Nothing };
  remote_runs: { request: RemoteRef; response: RunsView };
  webhook_list: { request: Nothing; response: WebhooksView };
  webhook_add: { request: AddWebhook; response: WebhookSecret };
  webhook_set: { request: SetWebhook; response: Nothing };
  webhook_turn: { request: TurnWebhook; response: Nothing };
  webhook_rotate: { request: WebhookRef; response: WebhookSecret };
  webhook_ping: { request: WebhookRef; response: Pinged };
  webhook_log: { request: WebhookLogRequest; response: WebhookLog };
  webhook_replay: { request: ReplayWebhook; response: Changed };
  webhook_remove: { request: WebhookRef; response: Nothing };
  hint_list: { request: Nothing; response: HintsView };
  hint_set: { request: SetHint; response: WebhookSecret };
  drop_get: { request: Nothing; response: DropView };
  drop_set: { request: DropView; response: Nothing };
  drop_take: { request: Nothing; response: DropTaken };
  conflict_list: { request: Nothing; response: ConflictsView };
  conflict_decide: { request: DecideConflicts; response: Changed };
  conflict_rule_preview: { request: RuleRef; response: RulePreview };
  conflict_rule_set: { request: KeepRule; response: Changed };
  conflict_rule_remove: { request: RuleRef; response: Nothing };
  aside_body: { request: AsideRef; response: AsideBody };
  aside_decide: { request: DecideAside; response: Changed };
  erasure_preview: { request: ErasureCards; response: ErasurePreview };
  erasure_run: { request: EraseRequest; response: Receipt };
  erasure_list: { request: Nothing; response: ErasuresView };
  erasure_get: { request: ErasureRef; response: Receipt };
  erasure_save: { request: SaveReceipt; response: SavedReceipt };
  erasure_retry: { request: ErasureRef; response: Receipt };
  erasure_letter: { request: LetterTo; response: LetterView };
  erasure_told: { request: DeliveryRef; response: Nothing };
  suppression_find: { request: ErasureSubject; response: SuppressedView };
  suppression_lift: { request: ErasureRef; response: Changed };
  subject_find: { request: FindSubject; response: SubjectsView };
  dsar_preview: { request: DsarRequest; response: DsarPreview };
  dsar_build: { request: DsarBuild; response: DsarBuilt };
  dsar_verify: { request: DsarFile; response: DsarCheck };
  dsar_draft_get: { request: RequestRef; response: DsarDraftView };
  dsar_draft_put: { request: PutDraft; response: Nothing };
  signing_key: { request: Nothing; response: SigningKeyView };
  request_list: { request: Nothing; response: RequestsView };
  request_get: { request: RequestRef; response: RequestDetailView };
  request_due: { request: ReceivedOn; response: DueView };
  request_add: { request: NewRequest; response: Made };
  request_step: { request: StepRequest; response: RequestView };
  request_extend: { request: ExtendRequest; response: RequestView };
  request_letter: { request: LetterRequest; response: RequestLetter };
  request_letter_sent: { request: LetterRequest; response: Nothing };
  purpose_list: { request: Nothing; response: PurposesView };
  purpose_put: { request: PurposeParts; response: Made };
  purpose_retire: { request: PurposeRef; response: Nothing };
  wording_add: { request: NewWording; response: WordingView };
  privacy_card: { request: ContactRef; response: PrivacyCardView };
  consent_put: { request: ConsentRequest; response: Changed };
  restriction_list: { request: Nothing; response: RestrictionsView };
  restriction_put: { request: RestrictRequest; response: Changed };
  restriction_lift: { request: LiftRequest; response: Changed };
  retention_list: { request: Nothing; response: RetentionView };
  retention_put: { request: RetentionParts; response: Made };
  retention_preview: { request: RetentionParts; response: RetentionPreview };
  retention_on: { request: RetentionGo; response: RetentionRunView };
  retention_off: { request: RetentionRef; response: Nothing };
  retention_run: { request: RetentionGo; response: RetentionRunView };
  retention_delete: { request: RetentionRef; response: Nothing };
  processing_get: { request: Nothing; response: ProcessingView };
  controller_set: { request: ControllerView; response: Nothing };
  recipient_set: { request: RecipientPlace; response: Nothing };
  processing_write: { request: RegisterFile; response: Nothing };
  audit_list: { request: AuditRequest; response: AuditLogView };
  audit_check: { request: Nothing; response: AuditCheckView };
  audit_export: { request: OutFile; response: AuditCheckView };
  breach_query: { request: BreachRequest; response: BreachView };
  country_rule_get: { request: Nothing; response: CountryRuleView };
  country_rule_set: { request: CountryRuleView; response: Nothing };
  agent_list: { request: Nothing; response: AgentsView };
  agent_put: { request: PutAgent; response: Made };
  agent_on: { request: AgentOn; response: Nothing };
  agent_off: { request: AgentRef; response: Nothing };
  agent_revoke: { request: AgentRef; response: Nothing };
  agent_stop: { request: StopAgents; response: Nothing };
  agent_preview: { request: AgentPreviewRequest; response: AgentPreviewView };
  agent_review: { request: AgentRef; response: AgentReviewView };
  agent_grant: { request: LetAgentSee; response: Made };
  agent_grant_end: { request: AgentGrantRef; response: Nothing };
  agent_calls: { request: AgentCallsRequest; response: AgentCallsView };
  agent_calls_export: { request: AgentCallsFile; response: AgentCallsWritten };
  agent_config: { request: AgentRef; response: AgentConfigView };
  proposal_list: { request: Nothing; response: ProposalsView };
  proposal_decide: { request: DecideProposal; response: DecidedView };
  proposal_ask_again: { request: AskAgain; response: Nothing };
  passphrase_set: { request: Passphrase; response: Created };
  recovery_renew: { request: Nothing; response: Created };
  recovery_try: { request: WrittenDown; response: Tried };
  keychain_add: { request: Nothing; response: Created };
  way_remove: { request: WayRef; response: Nothing };
  key_renew: { request: Passphrase; response: Created };
  session_touch: { request: Nothing; response: Nothing };
  backup_list: { request: Nothing; response: BackupsView };
  backup_plan: { request: BackupPlanView; response: Nothing };
  backup_run: { request: BackupFile; response: BackupDone };
  backup_check: { request: BackupRef; response: BackupView };
  backup_delete: { request: BackupRef; response: Nothing };
  kept_delete: { request: ReplacedRef; response: Nothing };
  restore_into: { request: RestoreInto; response: RestoredView };
  salvage_into: { request: SalvageInto; response: SalvagedView };
  restore_over: { request: RestoreOver; response: RestoredView };
  diagnostics_get: { request: Nothing; response: Diagnostics };
  setting_get: { request: SettingRef; response: SettingView };
  setting_set: { request: SettingView; response: Nothing };
}
