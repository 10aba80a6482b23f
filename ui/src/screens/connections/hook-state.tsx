import type { MessageDescriptor } from "@lingui/core";
import { i18n } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import { Check, Minus, TriangleAlert } from "lucide-react";

type Look = [look: string, icon: typeof Check, word: MessageDescriptor];
const OFF: Look = ["", Minus, msg`Off`];
const STATES: Record<string, Look> = {
  on: ["ok", Check, msg`On`],
  off: OFF,
  failing: ["warn", TriangleAlert, msg`Failing`],
  gone: ["bad", TriangleAlert, msg`Gone`],
};

/** How a webhook is, or whether something is watched. */
export function HookState({ state }: { state: string }) {
  const [look, Icon, word] = STATES[state] ?? OFF;
  return <span className={`bdg ${look}`}><Icon /> {i18n._(word)}</span>;
}
