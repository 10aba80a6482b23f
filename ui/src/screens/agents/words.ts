import type { MessageDescriptor } from "@lingui/core";
import { i18n } from "@lingui/core";
import { msg, plural, t } from "@lingui/core/macro";
import type { AgentCallView, AgentParts, AgentView, ApprovableView } from "../../api/generated/commands";
import { capital, fieldLabel, n, partsOf } from "../../text/words";
import { worded } from "../../text/worded";

/** What a field or a list of parts is called. */
export const approvableWord = ({ key, label, parts }: ApprovableView) => (parts || key.startsWith("custom.") ? capital(worded(label)) : fieldLabel(key));

const CLASSES: Record<ApprovableView["class"], MessageDescriptor> = { identifying: msg`who they are`, contact: msg`personal`, about: msg`about them`, internal: msg`internal` };
/** How close a field is to a person; those that a new client has are the default. */
export const classWord = (one: ApprovableView) => (one.standard ? t`default` : i18n._(CLASSES[one.class]));

/** `7 of 24 fields` */
export const fieldsOf = (approved: number, all: number) => plural(all, { one: `${n(approved)} of ${n(all)} field`, other: `${n(approved)} of ${n(all)} fields` });
/** `7 fields` */
export const fieldCount = (amount: number) => plural(amount, { one: `${n(amount)} field`, other: `${n(amount)} fields` });
export const minutesOf = (amount: number) => plural(amount, { one: `${n(amount)} minute`, other: `${n(amount)} minutes` });

/** What a client is about, under its name. */
export function clientWords({ client, waiting, refused, state }: AgentView, all: number): string {
  if (state === "revoked") return plural(refused, { one: `${n(refused)} call refused in 30 days`, other: `${n(refused)} calls refused in 30 days` });
  const fields = fieldsOf(client.fields.length, all);
  const proposals = waiting > 0 ? plural(waiting, { one: `${n(waiting)} proposal`, other: `${n(waiting)} proposals` }) : client.sort === "staff" ? t`for somebody here` : t`for customers`;
  return `${fields}, ${proposals}`;
}

/** What came of a call. */
export function resultWord({ result, fields, items, tool }: AgentCallView): string {
  if (result === "refused") return t`refused`;
  if (result === "proposal") return t`proposal`;
  if (result === "applied") return t`written`;
  if (tool === "identify") return t`verified`;
  if (tool === "search_memories") return partsOf("memory", items);
  if (tool === "list_tasks") return partsOf("task", items);
  if (tool === "segments") return plural(items, { one: `${n(items)} card`, other: `${n(items)} cards` });
  return fieldCount(fields.length);
}

/** The fields that left, or why none did. */
export function leftWords(call: AgentCallView, known: ApprovableView[]): string {
  if (call.why) return worded(call.why);
  if (call.result === "proposal") return t`waits for you`;
  if (call.result === "applied") return t`without asking, as you allowed`;
  const names = call.fields.map((key) => { const one = known.find((field) => field.key === key); return (one ? approvableWord(one) : fieldLabel(key)).replace(/^./u, (c) => c.toLocaleLowerCase()); });
  const [shown, more] = [names.slice(0, 4).join(", "), names.length - 4];
  return more > 0 ? t`${shown} and ${{ more: n(more) }} more` : shown || t`nothing of the card`;
}

/** Keys as they are by now, with those that somebody ticked or took back of what they had seen; what others took back does not return. */
export const onto = (now: string[], seen: string[], wanted: string[]) => [...now.filter((key) => !seen.includes(key) || wanted.includes(key)), ...wanted.filter((key) => !seen.includes(key) && !now.includes(key))];

/** The same of what a client may, whatever order it was said in. */
export const isSame = (one: AgentParts, other: AgentParts) => JSON.stringify({ ...one, fields: [...one.fields].sort() }) === JSON.stringify({ ...other, fields: [...other.fields].sort() });
