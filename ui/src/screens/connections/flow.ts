import type { FieldRule, TeamView, TotalsView } from "../../api/generated/commands";
import { wholeOf } from "../../text/words";

/** Which way a field goes, or all of a connection. */
export type Way = "off" | "pull" | "push" | "both";

const isWay = (text: string): text is Way => ["off", "pull", "push", "both"].includes(text);

/** The way a rule wants; one that we do not know is none. */
export const wayOf = ({ direction }: FieldRule): Way => (isWay(direction) ? direction : "off");

/** Whether values of the field come here. */
export const comes = (rule: FieldRule) => wayOf(rule) === "pull" || wayOf(rule) === "both";

/** Whether the rule wants values to leave; they do once a person approved it. */
export const wantsToLeave = (rule: FieldRule) => wayOf(rule) === "push" || wayOf(rule) === "both";

/** Whether values leave. */
export const leaves = (rule: FieldRule) => wantsToLeave(rule) && rule.approved;

/** What the database of a team narrows of a field that may leave. It leaves for nobody where it may not leave for there, which has no purpose then, or needs another consent there; else the consent that is needed there is needed here. */
export function narrowed(rule: FieldRule, team: TeamView | null): { leaves: boolean; purpose: string } | null {
  if (!team || !leaves(rule)) return null;
  const [held, purpose] = [team.fields.find(({ field }) => field === rule.field), rule.purpose.trim()];
  if (!held) return { leaves: false, purpose: "" };
  return held.purpose === "" || held.purpose === purpose ? null : { leaves: purpose === "", purpose: held.purpose };
}

/** What a connection does as a whole, and with how many fields. What was not approved does not leave; which of several is the first goes with them. */
export function flowOf(rules: FieldRule[]): { way: Way; fields: number } {
  const [isIn, isOut] = [rules.some(comes), rules.some(leaves)];
  return { way: isIn && isOut ? "both" : isIn ? "pull" : isOut ? "push" : "off", fields: rules.filter((rule) => !wholeOf(rule.field) && (comes(rule) || leaves(rule))).length };
}

/** Rules that a person changed, as they would be kept. */
export function changedRules(draft: FieldRule[], kept: FieldRule[]): FieldRule[] {
  const isSame = (rule: FieldRule, was: FieldRule) => wayOf(rule) === wayOf(was) && rule.approved === was.approved && rule.purpose.trim() === was.purpose.trim();
  return draft.filter((rule) => { const was = kept.find(({ field }) => field === rule.field); return !was || !isSame(rule, was); });
}

/** How many cards and records a run would touch. */
export const writes = ({ pulled, createdHere, deletedHere, pushed, createdThere, deletedThere }: TotalsView) => pulled + createdHere + deletedHere + pushed + createdThere + deletedThere;

/** What stands before the path of an address, for a name: `dav.example`. */
export function hostOf(address: string): string {
  try {
    return new URL(address).hostname;
  } catch {
    return "";
  }
}

/** The hosts that are talked to. Who types an address means that one in place of all of them; none is known while it is no address. */
export function hostsAt(address: string, hosts: string[]): string[] {
  const typed = address.trim();
  if (typed === "") return hosts;
  try {
    return [new URL(typed.includes("://") ? typed : `https://${typed}`).host];
  } catch {
    return [];
  }
}

/** Whether a password sent there could be read on the way. */
export function isOpen(address: string): boolean {
  const host = hostOf(address);
  return /^http:/i.test(address.trim()) && host !== "" && host !== "localhost" && host !== "[::1]" && !/^127\./.test(host);
}
