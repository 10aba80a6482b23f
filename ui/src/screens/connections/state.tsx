import type { MessageDescriptor } from "@lingui/core";
import { i18n } from "@lingui/core";
import { msg, plural, t } from "@lingui/core/macro";
import { ArrowDown, ArrowLeftRight, ArrowUp, Check, KeyRound, Minus, Pause, RefreshCw, TriangleAlert } from "lucide-react";
import type { RemoteView } from "../../api/generated/commands";
import { ago, capital, isLately, n } from "../../text/words";
import { named, worded } from "../../text/worded";
import { flowOf, type Way } from "./flow";

type Look = [look: string, icon: typeof Check, word: MessageDescriptor];
const PAUSED: Look = ["", Pause, msg`Paused`];
const STATES: Record<string, Look> = {
  off: ["", Minus, msg`Not on yet`],
  running: ["inf", RefreshCw, msg`Running`],
  healthy: ["ok", Check, msg`Healthy`],
  asks: ["warn", TriangleAlert, msg`Asks`],
  sign_in: ["warn", KeyRound, msg`Sign in`],
  failed: ["bad", TriangleAlert, msg`Failed`],
};

/** How a connection is. One that has linked contacts was on before. */
export function State({ remote }: { remote: RemoteView }) {
  const [look, Icon, word] = (remote.state === "off" && remote.linked > 0 ? PAUSED : STATES[remote.state]) ?? PAUSED;
  return <span className={`bdg ${look}`}><Icon /> {i18n._(word)}</span>;
}

export const WAYS: [Way, MessageDescriptor, typeof Check][] = [["both", msg`both ways`, ArrowLeftRight], ["pull", msg`in only`, ArrowDown], ["push", msg`out only`, ArrowUp], ["off", msg`not at all`, Minus]];

/** The picture of a way; arrows that lie turn with the script. */
export function WayIcon({ way }: { way: Way }) {
  const Icon = WAYS.find(([key]) => key === way)?.[2] ?? Minus;
  return <Icon className="flip" />;
}

/** `12 fields` */
export const fieldsOf = (amount: number) => plural(amount, { one: `${n(amount)} field`, other: `${n(amount)} fields` });

/** `CardDAV, both ways, 12 fields` */
export function flowWords({ label, fields }: RemoteView): string {
  const flow = flowOf(fields);
  const kind = named(label);
  if (flow.way === "off") return t`${kind}, nothing moves`;
  const word = WAYS.find(([key]) => key === flow.way)?.[1];
  return [kind, word && i18n._(word), fieldsOf(flow.fields)].filter(Boolean).join(", ");
}

/** When it last ran, or what came in between, and how much waits. */
export function lastWords({ message, last, waiting }: RemoteView): string {
  const time = last && ago(last.at);
  const said = message ? capital(worded(message)) : !last || !time ? t`Never run` : isLately(last.at) ? t`Last run ${time} ago` : t`Last run on ${{ day: time }}`;
  return waiting > 0 ? `${said}. ${plural(waiting, { one: `${n(waiting)} waits for you`, other: `${n(waiting)} wait for you` })}` : said;
}
