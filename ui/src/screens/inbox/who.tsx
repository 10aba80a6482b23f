import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Link2, Search } from "lucide-react";
import { useState } from "react";
import { useAction, useCommand } from "../../api/cache";
import type { WaitingConversation } from "../../api/generated/commands";
import { sentence } from "../../api/host";
import { useToast } from "../../components/toast";
import { n } from "../../text/words";

/** Finds the card a visitor belongs to. Never decided alone. */
export function Who({ waiting, onClaimed }: { waiting: WaitingConversation; onClaimed(): void }) {
  const [text, setText] = useState("");
  const [picked, setPicked] = useState(0);
  const claim = useAction("conversation_claim");
  const undo = useAction("history_undo");
  const toast = useToast();
  const view = useCommand("view_open", { query: text, filter: "", sort: ["-last_seen"], inBin: false, inTexts: false }, text.trim() !== "");
  const rows = useCommand("view_rows", { view: view.data?.view ?? 0, from: 0, to: 6 }, text.trim() !== "" && view.data !== undefined);
  // Answers to what was typed before are nobody's.
  const isCurrent = !view.isPlaceholderData && !rows.isPlaceholderData;
  const people = text.trim() && isCurrent ? (rows.data?.rows ?? []).filter((row) => row !== null) : [];
  const current = people[Math.max(0, Math.min(picked, people.length - 1))];
  const start = () => {
    if (!current) return;
    claim.mutate({ id: waiting.conversation.id, contact: current.id }, {
      onSuccess: ({ operation }) => {
        toast(t`Given to ${{ name: current.name }}`, operation ? () => undo.mutate({ id: operation }) : undefined);
        onClaimed();
      },
      onError: (error) => toast(sentence(error)),
    });
  };
  return (
    <section className="card whois" aria-label={t`Who is it?`}>
      <header><h3><Trans>Who is it?</Trans></h3><span className="mut end"><Trans>never decided alone</Trans></span></header>
      <form className="pad col g8" onSubmit={(event) => { event.preventDefault(); start(); }}>
        <span className="inp"><Search /><input aria-label={t`Find the card`} placeholder={t`A name, an email, a phone`} value={text} onChange={(event) => { setText(event.target.value); setPicked(0); }}
          onKeyDown={(event) => {
            if (event.key === "ArrowDown") setPicked(Math.max(0, Math.min(picked + 1, people.length - 1)));
            else if (event.key === "ArrowUp") setPicked(Math.max(picked - 1, 0));
            else return;
            event.preventDefault();
            event.stopPropagation();
          }} /></span>
        <div role="radiogroup" aria-label={t`Cards found`}>
          {people.map((row) => (
            <label key={row.id} className={`pickb ${row.id === current?.id ? "on" : ""}`}>
              <input type="radio" name="whois" className="visually-hidden" checked={row.id === current?.id} onChange={() => setPicked(people.indexOf(row))} />
              <span className={`check rad ${row.id === current?.id ? "on" : ""}`} aria-hidden />
              <span className="col sp"><b className="w5 ell"><bdi>{row.name}</bdi></b><span className="t12 mut ell">{[row.company, row.email || row.phone, plural(row.conversationCount, { one: `${n(row.conversationCount)} chat`, other: `${n(row.conversationCount)} chats` })].filter(Boolean).join(", ")}</span></span>
            </label>
          ))}
        </div>
        {text.trim() && isCurrent && rows.data && people.length === 0 && <p className="mut"><Trans>Nobody is called that.</Trans></p>}
        {current && (
          <dl className="ifclaim t12">
            <div><dt><Trans>Messages move to this card</Trans></dt><dd>{waiting.conversation.messages}</dd></div>
            <div><dt><Trans>Chats on this card</Trans></dt><dd>{t`${{ before: n(current.conversationCount) }} to ${{ after: n(current.conversationCount + 1) }}`}</dd></div>
          </dl>
        )}
        <button type="submit" className="btn pri" disabled={!current || claim.isPending}><Link2 /> {current ? t`Claim for ${{ name: current.name }}` : t`Claim`} <span className="kbd">Enter</span></button>
        <p className="t12 mut"><Trans>Claimed is not verified: it says who it was, and proves nothing.</Trans></p>
      </form>
    </section>
  );
}
