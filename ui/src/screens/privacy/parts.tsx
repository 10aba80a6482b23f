import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { CircleCheck, Clock, Search, TriangleAlert } from "lucide-react";
import { type ReactNode, useState } from "react";
import { useCommand } from "../../api/cache";
import type { RequestView, SubjectCard } from "../../api/generated/commands";
import { Avatar } from "../../components/avatar";
import { Failure } from "../../components/failure";
import { useSettled } from "../../components/use-settled";
import { worded } from "../../text/worded";
import { dayWords, leftWords } from "./words";

const LIGHTS: Record<RequestView["light"], [look: string, icon: typeof Clock]> = { done: ["", CircleCheck], green: ["ok", Clock], amber: ["warn", Clock], red: ["bad", TriangleAlert] };

/** How much time is left: a colour, a picture and a word. */
export function Light({ request }: { request: RequestView }) {
  const [look, Icon] = LIGHTS[request.light];
  const due = dayWords(request.due);
  return <span className={`bdg ${look}`} title={t`Answer by ${due}`}><Icon /> {leftWords(request)}</span>;
}

/** A page of the section: its head, and what stands below. */
export function Sheet({ title, about, tools, children }: { title: string; about?: string; tools?: ReactNode; children: ReactNode }) {
  return (
    <main className="main" aria-label={title}>
      <div className="head"><h2 className="title">{title}</h2>{about && <span className="mut num ell" role="status">{about}</span>}<span className="sp" />{tools}</div>
      {children}
    </main>
  );
}

/** Looks for somebody by whatever names them; their cards are given to `children`. */
export function Finder({ label, hint, children }: { label: string; hint: string; children(cards: SubjectCard[], clear: () => void): ReactNode }) {
  const [text, setText] = useState("");
  const wanted = useSettled(text.trim());
  const found = useCommand("subject_find", { text: wanted }, wanted !== "");
  const isCurrent = wanted === text.trim() && !found.isPlaceholderData;
  const cards = wanted !== "" && isCurrent ? found.data?.cards : undefined;
  return (
    <div className="pvfind">
      <label className="inp"><Search /><input aria-label={label} placeholder={hint} value={text} onChange={(event) => setText(event.target.value)} /></label>
      {wanted !== "" && isCurrent && found.error && <Failure error={found.error} />}
      {cards?.length === 0 && <p className="mut" role="status">{t`Nobody is found by that.`}</p>}
      {cards && cards.length > 0 && children(cards, () => setText(""))}
    </div>
  );
}

/** Who a card is, and why it was found. */
export function CardLine({ card }: { card: SubjectCard }) {
  return (
    <>
      <Avatar name={card.name || "?"} size="s32" />
      <span className="col sp">
        <b className="w5 ell"><bdi>{card.name || card.email || t`No name`}</bdi></b>
        <span className="t12 mut ell"><bdi>{[card.email, worded(card.why)].filter(Boolean).join(", ")}</bdi></span>
      </span>
      {card.isGone && <span className="bdg">{t`gone, in the history`}</span>}
      {!card.isSure && <span className="bdg warn">{t`to be looked at`}</span>}
    </>
  );
}

/** A field with its name above it. */
export function Field({ label, value, onValue, hint, area = false, type = "text" }: { label: string; value: string; onValue(value: string): void; hint?: string; area?: boolean; type?: "text" | "date" }) {
  return (
    <label className="col pvfield"><span className="lab">{label}</span>
      {area
        ? <textarea rows={3} aria-label={label} placeholder={hint} value={value} onChange={(event) => onValue(event.target.value)} />
        : <span className="inp"><input type={type} aria-label={label} placeholder={hint} value={value} onChange={(event) => onValue(event.target.value)} /></span>}
    </label>
  );
}

/** A choice with its name above it. */
export function Choice<T extends string>({ label, value, of, onValue }: { label: string; value: T; of: [T, string][]; onValue(value: T): void }) {
  return (
    <label className="col pvfield"><span className="lab">{label}</span>
      <select className="fsel" aria-label={label} value={value} onChange={(event) => onValue(event.target.value as T)}>{of.map(([key, word]) => <option key={key} value={key}>{word}</option>)}</select>
    </label>
  );
}

/** An article of the GDPR. */
export function Article({ article }: { article: string }) {
  return <Trans>Art. {article}</Trans>;
}
