import type { MessageDescriptor } from "@lingui/core";
import { i18n } from "@lingui/core";
import { msg, plural, t } from "@lingui/core/macro";
import type { DsarTable, Receipt, Recipient, RequestView, RetentionParts, RestrictionView } from "../../api/generated/commands";
import { capital, day, moment, n } from "../../text/words";
import type { Step } from "./flow";

/** A list of words in the language of the page, to choose from. */
export const choices = <T extends string>(of: [T, MessageDescriptor][]): [T, string][] => of.map(([key, label]): [T, string] => [key, i18n._(label)]);

/** A word of the engine in the language of the page; one that we do not know as it is. */
const word = (known: Record<string, MessageDescriptor>, key: string) => { const said = Object.hasOwn(known, key) ? known[key] : undefined; return said ? i18n._(said) : key.replaceAll("_", " "); };

export const RIGHTS: [RequestView["right"], MessageDescriptor][] = [
  ["access", msg({ message: "Access", context: "right" })], ["rectification", msg`Rectification`], ["erasure", msg`Erasure`],
  ["restriction", msg`Restriction`], ["portability", msg`Portability`], ["objection", msg`Objection`],
];
export const rightWord = (right: string) => word(Object.fromEntries(RIGHTS), right);

/** What each step is called; what is done depends on what is asked. */
const STEPS: Record<Exclude<Step, "deed">, MessageDescriptor> = { identity: msg`Who asks`, subject: msg`Their cards`, review: msg`Review and decide`, answer: msg`Answer` };
const DEEDS: Partial<Record<RequestView["right"], MessageDescriptor>> = { access: msg`Bundle`, portability: msg`Bundle`, erasure: msg`Erase`, rectification: msg`Correct` };
export function stepWord(step: Step, right: RequestView["right"]): string {
  const said = step === "deed" ? DEEDS[right] : STEPS[step];
  return said ? i18n._(said) : "";
}

/** How a request came, or how somebody said yes or no. */
export const CHANNELS: [string, MessageDescriptor][] = [
  ["email", msg({ message: "Email", context: "channel" })], ["letter", msg({ message: "Letter", context: "channel" })], ["phone", msg({ message: "Phone", context: "channel" })], ["person", msg`In person`], ["form", msg`Form`],
];
export const channelWord = (channel: string) => word(Object.fromEntries(CHANNELS), channel);

/** Languages that letters and answers are written in. */
export const TONGUES: [string, string][] = [["en", "English"], ["es", "Español"]];
/** The one of the window, until somebody says otherwise. */
export const ownTongue = () => TONGUES.find(([key]) => key === i18n.locale)?.[0] ?? "en";

const LETTERS: Record<string, MessageDescriptor> = {
  received: msg`Acknowledgement`, identity: msg`Identity check`, extension: msg`Extension`, refusal: msg`Refusal`, done: msg`Completion`, lifting: msg`End of restriction`,
};
export const letterWord = (letter: string) => word(LETTERS, letter);

/** `2026-12-20` as a person reads it. */
export const dayWords = (iso: string) => (/^\d{4}-\d\d-\d\d$/.test(iso) ? day(new Date(`${iso}T00:00:00`)) : iso);

/** How much time is left. */
export function leftWords({ light, daysLeft }: Pick<RequestView, "light" | "daysLeft">): string {
  if (light === "done") return t`Closed`;
  const late = -daysLeft;
  if (late > 0) return plural(late, { one: `${n(late)} day late`, other: `${n(late)} days late` });
  return daysLeft === 0 ? t`Due today` : plural(daysLeft, { one: `${n(daysLeft)} day left`, other: `${n(daysLeft)} days left` });
}

/** What to call whoever asks; an erasure takes their name out of the register. */
export const personOf = ({ name, subject }: Pick<RequestView, "name" | "subject">) => name || subject || t`Erased person`;

const EVENTS: Record<string, MessageDescriptor> = {
  request_received: msg`Request written down`, prove_identity: msg`Identity confirmed`, approve: msg`Approved`, refuse: msg`Refused`, finish: msg`Done`, finish_with_exceptions: msg`Done with exceptions`,
  withdraw: msg`Taken back by the person`, request_extended: msg`Two months added`, letter_written: msg`Letter written`, letter_sent: msg`Letter sent`, restriction_put: msg`Cards restricted`, restriction_lifted: msg`Restriction lifted`,
  consent_given: msg`Consent given`, consent_withdrawn: msg`Consent withdrawn`, purpose_put: msg`Purpose saved`, purpose_retired: msg`Purpose retired`, purpose_resumed: msg`Purpose restored`, wording_added: msg`New wording`,
  retention_put: msg`Retention rule saved`, retention_on: msg`Retention rule turned on`, retention_off: msg`Retention rule turned off`, retention_deleted: msg`Retention rule deleted`, retention_run: msg`Retention rule worked`,
  controller_set: msg`Controller changed`, recipient_set: msg`Place of a recipient changed`, register_written: msg`Register of processing written`, audit_exported: msg`Audit log exported`, breach_listed: msg`Affected people listed`, exported: msg`Contacts exported`,
  dsar_built: msg`Answer built`, erased: msg`Erased for good`, erasure_verified: msg`Looked whether everything is gone`, erasure_ended: msg`Erasure ended`, suppression_lifted: msg`Person may come back`,
  webhook_added: msg`Webhook made`, webhook_changed: msg`Webhook changed`, webhook_on: msg`Webhook turned on`, webhook_off: msg`Webhook turned off`, webhook_removed: msg`Webhook removed`,
  agent_put: msg`What a client may was kept`, agent_approved: msg`Client turned on`, agent_paused: msg`Client paused`, agent_revoked: msg`Client revoked`, agents_stopped: msg`All clients stopped`, agents_started: msg`Clients may ask again`,
  agent_granted: msg`Client let in on a card`, agent_grant_ended: msg`Client let out of a card`, agent_decided: msg`Proposal decided`, agent_always: msg`Client need not ask again`,
  client_made: msg`A program got a token`, client_revoked: msg`A token was taken away`, identity_key_put: msg`A key of proofs was kept`, identity_key_revoked: msg`A key of proofs was taken away`,
  identity_proven: msg`It was proven who somebody is`, identity_denied: msg`It was not proven who somebody is`, identity_read: msg`A program was told of a card`,
};
export const eventWord = (event: string) => capital(word(EVENTS, event));

const TABLES: Record<string, MessageDescriptor> = {
  contact: msg`Cards`, contact_item: msg`Emails, phones, addresses`, contact_tag: msg`Tags on cards`, link: msg`External IDs`, note: msg`Notes`, task: msg`Tasks`, memory: msg`Memories`, conversation: msg`Conversations`, message: msg`Messages`,
  rating: msg`Ratings`, activity: msg`Activities`, payment_account: msg`Payment accounts`, avatar: msg`Pictures`, placement: msg`Spaces on cards`, space: msg`Spaces`, file: msg`Files`, secret: msg`Secrets`, sealed: msg`Values of secrets`,
  rule: msg`Rules for agents`, distinction: msg`Said to be two people`, consent: msg`Consents`, restriction: msg`Restrictions`, request: msg`Privacy requests`, export_log: msg`Past exports`, import_memory: msg`Imported records`,
  pair: msg`Records at other systems`, tombstone: msg`Deleted records at other systems`, quarantine: msg`Records set aside`, disclosure: msg`What left to other systems`, change: msg`Change log`, operation: msg`Undo steps`,
  suppression: msg`Fingerprints that keep somebody away`, erasure: msg`Erasures`, erasure_delivery: msg`Recipients told of an erasure`, segment: msg`Views`, recipe: msg`Export recipes`, automation: msg`Automation rules`, purpose: msg`Purposes`,
  wording: msg`Wordings`, retention_rule: msg`Retention rules`, retention_run: msg`Runs of retention rules`, audit: msg`Audit log`, custom_field: msg`Custom fields`, knowledge_base: msg`Knowledge bases`, remote: msg`Connections`, sync_run: msg`Runs of connections`,
  setting: msg`Settings`, tag: msg`Tags`, webhook: msg`Webhooks`, webhook_message: msg`Messages to webhooks`,
  lead: msg`Leads that wait`, identity_grant: msg`Grants of proofs`, client_token: msg`Programs with a token`, client_deed: msg`Requests that were answered once`, identity_seen: msg`Proofs that were used`, identity_key: msg`Keys of proofs`,
  agent_client: msg`Clients`, agent_grant: msg`Who may see whom`, agent_proposal: msg`Proposals`, agent_call: msg`Calls of agents`,
};
/** A table by what a person would call what is in it. */
export const tableWord = (table: string) => capital(word(TABLES, table));

const REASONS: Record<Exclude<DsarTable["reason"], "">, MessageDescriptor> = {
  derived: msg`made from the rest`, security: msg`kept for security`, internal: msg`internal, kept back`, third_party: msg`about somebody else`, business: msg`of the business, about nobody`,
};
export const reasonWord = (reason: DsarTable["reason"]) => (reason === "" ? "" : i18n._(REASONS[reason]));

const SORTS: Record<RestrictionView["sort"], MessageDescriptor> = { restricted: msg`Restricted`, objected: msg`Objection`, held: msg`On hold`, no_agents: msg`Not for agents` };
export const sortWord = (sort: RestrictionView["sort"]) => i18n._(SORTS[sort]);

export const KEPT: [RetentionParts["what"], MessageDescriptor][] = [["contacts", msg`Contacts`], ["conversations", msg`Conversations`], ["exports", msg`Lines of the export log`]];
export const LEVELS: [RetentionParts["identity"], MessageDescriptor][] = [["", msg`All`], ["anonymous", msg`Visitors`], ["identified", msg`Identified`], ["verified", msg`Verified`]];

/** How an erasure stands: look, word. */
const ERASURES: Record<string, [look: string, word: MessageDescriptor]> = {
  pending: ["warn", msg`Waits for another program`], local_done: ["acc", msg`Gone here`], propagating: ["acc", msg`Recipients are told`], done: ["ok", msg({ message: "Done", context: "erasure" })], done_with_exceptions: ["warn", msg({ message: "Done with exceptions", context: "erasure" })],
};
export function erasureWord({ state }: Pick<Receipt, "state">): [look: string, word: string] {
  const known = ERASURES[state];
  return known ? [known[0], i18n._(known[1])] : ["", state];
}

const DELIVERIES: Record<string, MessageDescriptor> = { queued: msg`waiting`, acked: msg`deleted`, confirmed: msg`proved`, manual: msg`needs a letter`, told: msg`told by letter` };
/** Where the deletion stands at one who had the data; what says it is gone is looked at again. Nobody can look at what a webhook keeps. */
export function deliveryWord({ kind, state, next_at: next }: Pick<Recipient, "kind" | "state" | "next_at">): string {
  if (kind === "webhook" && state === "confirmed") return t`told, and took it`;
  if (state !== "acked" || !next) return word(DELIVERIES, state);
  const again = moment(new Date(next));
  return t`deleted; next check ${again}`;
}
const CODES: Record<string, MessageDescriptor> = {
  unreachable: msg`does not answer`, busy: msg`is busy`, sign_in: msg`sign in again to finish`, refused: msg`says no`, still_there: msg`says it is deleted, and it is still there`, off: msg`the connection is paused`, other_store: msg`another address book answers there`, removed: msg`the connection was removed`, not_connected: msg`no connection reaches it`, unreadable: msg`by what it knows the person cannot be read`,
  joined: msg`made the record part of another one, which may be about somebody else`,
};
export const codeWord = (code: string) => (code === "" ? "" : word(CODES, code));

/** By what a third person was found in a text. */
const TRAITS: Record<string, MessageDescriptor> = { name: msg({ message: "name", context: "trait" }), email: msg({ message: "email", context: "trait" }), phone: msg({ message: "phone", context: "trait" }), handle: msg({ message: "handle", context: "trait" }), iban: msg`bank account`, payment_card: msg`payment card` };
export const traitWord = (trait: string) => word(TRAITS, trait);

const BASES: Record<string, MessageDescriptor> = { consent: msg({ message: "Consent", context: "basis" }), contract: msg({ message: "Contract", context: "basis" }), legal_obligation: msg`Legal obligation`, vital_interest: msg`Vital interest`, public_task: msg`Public task`, legitimate_interest: msg`Legitimate interest` };
export const basisWord = (basis: string) => word(BASES, basis);

/** `2 cards` */
export const cardsOf = (amount: number) => plural(amount, { one: `${n(amount)} card`, other: `${n(amount)} cards` });
/** `3 entries` */
export const entriesOf = (amount: number) => plural(amount, { one: `${n(amount)} entry`, other: `${n(amount)} entries` });
