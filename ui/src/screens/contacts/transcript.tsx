import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { ChevronDown, ChevronUp } from "lucide-react";
import { useState } from "react";
import type { ConversationView } from "../../api/generated/commands";
import { Messages } from "../../components/messages";
import { ago, n } from "../../text/words";

/** The conversations of a card; one is open, read in windows, searched inside. */
export function Transcript({ name, conversations }: { name: string; conversations: ConversationView[] }) {
  const [chosen, setChosen] = useState<string | null>(null);
  const at = Math.max(0, conversations.findIndex(({ id }) => id === chosen));
  const open = conversations[at];
  if (!open) return <p className="pad mut"><Trans>No conversation with this contact is here.</Trans></p>;
  const [place, total] = [n(at + 1), n(conversations.length)];
  return (
    <div className="trans">
      <div className="row g8 transbar">
        <select className="fsel sp" aria-label={t`Conversation`} value={open.id} onChange={(event) => setChosen(event.target.value)}>
          {conversations.map((one) => <option key={one.id} value={one.id}>{one.title || one.platform} · {ago(one.lastAt)}</option>)}
        </select>
        <span className="mut nw num"><Trans>{place} of {total}</Trans></span>
        <button type="button" className="btn ic gh sm" aria-label={t`Earlier conversation`} disabled={at + 1 >= conversations.length} onClick={() => setChosen(conversations[at + 1]?.id ?? null)}><ChevronDown /></button>
        <button type="button" className="btn ic gh sm" aria-label={t`Later conversation`} disabled={at === 0} onClick={() => setChosen(conversations[at - 1]?.id ?? null)}><ChevronUp /></button>
      </div>
      <Messages key={open.id} name={name} conversation={open} />
    </div>
  );
}
