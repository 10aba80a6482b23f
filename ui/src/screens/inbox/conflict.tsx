import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Check, ChevronDown, ChevronUp, Clock, GitFork, Laptop, Link2, Maximize2, Pencil, Trash2, Undo2 } from "lucide-react";
import { type ReactNode, useEffect, useLayoutEffect, useRef, useState } from "react";
import { useAction } from "../../api/cache";
import type { Conflict, Held } from "../../api/generated/commands";
import { sentence } from "../../api/host";
import { isTyping } from "../../commands";
import { Mark } from "../../components/mark";
import { useToast } from "../../components/toast";
import { ago, fieldLabel, isLately, moment, n } from "../../text/words";
import { decidedWords, nameOfConflict } from "./conflicts";
import { changesOf, type Choice, decisionOf, type Fate, fateDecision, isOpenTo, keyOfConflict, resultOf, type Side, waysOf } from "./deciding";
import { Deletion, Relinking } from "./fates";
import { Always } from "./rule";
import { Value } from "./value";
import "./conflict.css";

interface Props {
  conflict: Conflict;
  /** Its number in the list, from 1, and how many there are. */
  at: number;
  total: number;
  onStep(by: number): void;
  /** Some of it is decided; whether nothing of it waits any more. */
  onDecided(text: string, operation: string | null, isWhole: boolean): void;
  /** A rule decides this field from now on. */
  onRuled(field: string, text: string, operation: string | null): void;
  onContact(id: string): void;
  /** Selects it, or not. */
  onSelect(): void;
  /** Takes the last decision back, if there was one. */
  onUndo: (() => void) | undefined;
}

/** What both sides changed, side by side. Both stay until a person chooses. */
export function ConflictPane({ conflict, at, total, onStep, onDecided, onRuled, onContact, onSelect, onUndo }: Props) {
  const { fields, deleted, remoteName, relink } = conflict;
  const hasFields = conflict.kind === "values";
  const [choices, setChoices] = useState<Record<string, Choice>>({});
  const [fate, setFate] = useState<Fate | null>(null);
  /** The field that keys are about. */
  const [current, setCurrent] = useState(fields[0]?.field ?? "");
  /** The field of which another value is typed. */
  const [typing, setTyping] = useState<string | null>(null);
  /** The field that was chosen last: a rule may be kept for it. */
  const [latest, setLatest] = useState("");
  /** What that rule would settle is looked at. */
  const [ruling, setRuling] = useState(false);
  const decide = useAction("conflict_decide");
  const toast = useToast();
  const box = useRef<HTMLElement>(null);
  const chosen = hasFields ? fields.filter(({ field }) => choices[field]) : [];
  const amount = hasFields ? chosen.length : fate ? 1 : 0;
  const isWhole = !hasFields || chosen.length === fields.length;
  const preferred = hasFields ? choices[latest]?.kind : undefined;
  /** Whose value a rule would take. */
  const side: Side | null = preferred === "mine" || preferred === "theirs" ? preferred : null;
  const setWay = (way: Fate) => isOpenTo(conflict, way) && setFate(way);
  const apply = () => {
    if (amount === 0 || decide.isPending) return;
    const decisions = fate ? [fateDecision(conflict, fate)] : chosen.flatMap(({ field }) => { const choice = choices[field]; return choice ? [decisionOf(conflict, field, choice)] : []; });
    decide.mutate({ decisions }, { onSuccess: ({ count, operation }) => onDecided(decidedWords(count), operation, isWhole), onError: (error) => toast(sentence(error)) });
  };
  /** The choices of a field, where the keyboard goes on. */
  const focus = (field: string) => {
    setCurrent(field);
    const row = box.current?.querySelector(`[data-field="${CSS.escape(field)}"]`);
    (row?.querySelector<HTMLElement>("[role=radio][aria-checked=true]") ?? row?.querySelector<HTMLElement>("[role=radio]"))?.focus();
  };
  /** The field whose choices have the focus once they are shown as decided. A frame later a dialog may have it. */
  const shown = useRef<string | null>(null);
  useLayoutEffect(() => {
    const field = shown.current;
    shown.current = null;
    if (field !== null) focus(field);
  });
  const choose = (field: string, choice: Choice) => {
    setChoices((all) => ({ ...all, [field]: choice }));
    setLatest(field);
    setTyping(null);
  };
  const all = (side: Side) => {
    setChoices(Object.fromEntries(fields.map(({ field }): [string, Choice] => [field, { kind: side }])));
    setTyping(null);
  };
  const edit = (held: Held) => {
    setCurrent(held.field);
    setChoices((before) => ({ ...before, [held.field]: before[held.field]?.kind === "edit" ? before[held.field] as Choice : { kind: "edit", text: held.mine } }));
    setTyping(held.field);
  };
  /** By a key: the next field that is not decided follows. */
  const chooseByKey = (side: Side) => {
    choose(current, { kind: side });
    const from = fields.findIndex(({ field }) => field === current);
    const next = [...fields.slice(from + 1), ...fields.slice(0, from)].find(({ field }) => !choices[field]);
    if (next) focus(next.field);
    else shown.current = current;
  };
  const onKey = (event: KeyboardEvent) => {
    // A key that is held decides nothing: the next one was not seen yet. Nor does it press what has the focus by then.
    if (event.repeat && (event.key === "Enter" || event.key === " ") && event.target instanceof HTMLElement && event.target.role === "radio") event.preventDefault();
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || isTyping(event.target) || document.querySelector("[aria-modal=true]")) return;
    const key = event.key.toLowerCase();
    const on = event.target instanceof HTMLElement ? event.target : null;
    // Other buttons keep their Enter.
    const isRow = on?.closest(".in")?.id === `in-${keyOfConflict(conflict)}`;
    const isFree = !(on instanceof HTMLButtonElement) || on.role === "radio" || isRow;
    const held = fields.find(({ field }) => field === current);
    if (key === "enter" && isFree && amount > 0) apply();
    else if (key === "enter" && isRow) focus(hasFields ? current : "");
    else if (key === "j") onStep(1);
    else if (key === "k") onStep(-1);
    else if (key === "l") onStep(1);
    else if (key === "x") onSelect();
    else if (key === "u" && onUndo) onUndo();
    else if (!hasFields && (key === "1" || key === "2")) setWay(waysOf(conflict)[key === "1" ? 0 : 1]);
    else if (hasFields && (key === "2" || key === "3")) chooseByKey(key === "2" ? "mine" : "theirs");
    else if (hasFields && key === "e" && held?.editable) edit(held);
    else if (side && key === "a") setRuling(true);
    else return;
    event.preventDefault();
  };
  useEffect(() => {
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  });
  const [name, place, last] = [nameOfConflict(conflict), n(at), n(total)];
  return (
    <main className="main" ref={box} aria-label={t`Conflict`}>
      <div className="head">
        <span className="bdg warn">{relink ? <Link2 /> : deleted === null ? <GitFork /> : <Trash2 />} {relink ? t`Re-link?` : t`Conflict`}</span><h2 className="title ell"><bdi>{name}</bdi></h2><span className="t12 mut num nw">{t`${place} of ${{ total: last }}`}</span>
        <span className="sp" />
        {conflict.contact && <button type="button" className="btn gh" onClick={() => onContact(conflict.contact)}><Maximize2 /> <Trans>Open card</Trans></button>}
        <button type="button" className="btn ic gh" aria-label={t`Previous`} disabled={at <= 1} onClick={() => onStep(-1)}><ChevronUp /></button>
        <button type="button" className="btn ic gh" aria-label={t`Next`} disabled={at >= total} onClick={() => onStep(1)}><ChevronDown /></button>
      </div>
      <div className="scroll cfbody">
        <div className="row g16 top cftop">
          <div className="sp">
            <h3 className="t20">{relink ? (relink.how === "renamed" ? t`The record in ${remoteName} has another ID now` : t`The record in ${remoteName} is gone, and another with the same email came`) : deleted === "here" ? t`In the bin here, edited in ${remoteName}` : deleted === "there" ? t`Deleted in ${remoteName}, edited here` : plural(fields.length, { one: `${n(fields.length)} field changed here and in ${remoteName}`, other: `${n(fields.length)} fields changed here and in ${remoteName}` })}</h3>
            <p className="mut">{relink ? t`Is it the same person? Nothing goes either way and no second card is made until you say so.` : deleted === null ? t`Both sides are kept and nothing is overwritten until you choose. The other fields of this card keep syncing.` : t`One side deleted what the other one edited. Nothing goes either way until you choose.`}</p>
          </div>
          {hasFields && <div className="row g6"><button type="button" className="btn" onClick={() => all("mine")}><Trans>Keep all mine</Trans></button><button type="button" className="btn" onClick={() => all("theirs")}><Trans>Take all theirs</Trans></button></div>}
        </div>
        {relink && <Relinking conflict={conflict} relink={relink} fate={fate} onFate={setWay} />}
        {deleted !== null && <Deletion conflict={conflict} fate={fate} onFate={setFate} />}
        {hasFields && (
          <div className="cfgrid">
            <div className="cfline cfheads" aria-hidden><span /><span><b><Trans>Base</Trans></b><small><Trans>last agreed by both</Trans></small></span><span><b className="row g6"><Laptop /> <Trans>Mine</Trans></b><small><Trans>on this computer</Trans></small></span><span><b className="row g6"><Mark name={remoteName} size="s16" /> <Trans>Theirs</Trans></b><small><bdi className="ell">{remoteName}</bdi></small></span></div>
            {fields.map((held) => (
              <Field key={held.field} held={held} remote={remoteName} choice={choices[held.field]} isCurrent={held.field === current} isWriting={typing === held.field} isAlone={fields.length === 1}
                onFocus={() => setCurrent(held.field)} onChoice={(choice) => choose(held.field, choice)} onEdit={() => edit(held)} onText={(text) => setChoices((before) => ({ ...before, [held.field]: { kind: "edit", text } }))}
                onTyped={(isKept) => { setTyping(null); if (!isKept) setChoices(({ [held.field]: _, ...others }) => others); shown.current = held.field; }} />
            ))}
          </div>
        )}
        {chosen.length > 0 && <Result held={chosen} choices={choices} remote={remoteName} />}
        {side && <Always key={`${latest} ${side}`} conflict={conflict} field={latest} side={side} isOpen={ruling} onOpen={setRuling} onRuled={(text, operation) => onRuled(latest, text, operation)} />}
        {hasFields && <p className="row g6 mut t12"><Clock /> <span><Trans>Clocks are shown to help you. They never decide.</Trans></span></p>}
      </div>
      <div className="act">
        <button type="button" className="btn pri" disabled={amount === 0 || decide.isPending} onClick={apply}><Check /> {isWhole || amount === 0 ? t`Apply` : t`Apply ${{ amount: n(amount) }} of ${{ total: n(fields.length) }}`} <span className="kbd">Enter</span></button>
        <button type="button" className="btn" disabled={at >= total} onClick={() => onStep(1)}><Trans>Later</Trans> <span className="kbd">L</span></button>
        {onUndo && <button type="button" className="btn gh" onClick={onUndo}><Undo2 className="flip" /> <Trans>Undo last</Trans> <span className="kbd">U</span></button>}
        <span className="sp" />
        <span className="hint mergehint"><span className="kbd">J</span><span className="kbd">K</span> <Trans>next, previous</Trans></span>
        <span className="hint mergehint">{hasFields ? <><span className="kbd">2</span><span className="kbd">3</span></> : <><span className="kbd">1</span><span className="kbd">2</span></>} <Trans>choose</Trans></span>
        <span className="hint mergehint"><span className="kbd">X</span> <Trans>select</Trans></span>
      </div>
    </main>
  );
}

interface FieldProps {
  held: Held;
  remote: string;
  choice: Choice | undefined;
  isCurrent: boolean;
  /** Another value is being typed. */
  isWriting: boolean;
  /** The only field: it needs no mark of its own. */
  isAlone: boolean;
  onFocus(): void;
  onChoice(choice: Choice): void;
  onEdit(): void;
  onText(text: string): void;
  /** Done with typing; whether what was typed is meant. */
  onTyped(isKept: boolean): void;
}

function Field({ held, remote, choice, isCurrent, isWriting, isAlone, onFocus, onChoice, onEdit, onText, onTyped }: FieldProps) {
  const label = fieldLabel(held.field);
  const edited = choice?.kind === "edit" ? choice : null;
  const [mine, theirs, own] = [held.mine || t`empty`, held.theirs || t`empty`, edited?.text.trim() || t`empty`];
  const author = [held.mineBy, held.mineAt && moment(new Date(held.mineAt))].filter(Boolean).join(", ");
  const since = ago(held.since);
  const waits = !since ? "" : isLately(held.since) ? t`waits for ${since}` : t`waits since ${{ day: since }}`;
  const radio = (side: Side, key: string, value: ReactNode, caption: string) => {
    const on = choice?.kind === side;
    return (
      <button type="button" role="radio" aria-checked={on} aria-label={side === "mine" ? t`Mine: ${mine}` : t`Theirs: ${theirs}`} tabIndex={on || (choice?.kind !== "mine" && choice?.kind !== "theirs" && side === "mine") ? 0 : -1} className={`cfch ${on ? "on" : ""}`} onClick={() => onChoice({ kind: side })}
        onKeyDown={(event) => {
          if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
          event.preventDefault();
          const to = side === "mine" ? "theirs" : "mine";
          onChoice({ kind: to });
          event.currentTarget.parentElement?.querySelectorAll<HTMLElement>("[role=radio]")[to === "mine" ? 0 : 1]?.focus();
        }}>
        <span className="row top between">{value}{isCurrent && <span className="kbd" aria-hidden>{key}</span>}</span>
        <small className="ell"><bdi>{caption}</bdi></small>
      </button>
    );
  };
  return (
    <div className="cffield" onFocus={onFocus}>
      <div className="cfline" role="radiogroup" aria-label={label} data-field={held.field}>
        <span className={`cfname ${isCurrent && !isAlone ? "cur" : ""}`}><b className="w5 ell">{label}</b><small className="ell">{waits}</small></span>
        <span className="cfch dim"><Value text={held.base} /><small className="ell"><Trans>Agreed by both</Trans></small></span>
        {radio("mine", "2", <Value text={held.mine} other={held.theirs} />, author || t`Typed on the card`)}
        {radio("theirs", "3", <Value text={held.theirs} other={held.mine} />, t`Edited in ${remote}`)}
      </div>
      {held.editable && (
        <div className="cfother">
          {isWriting ? (
            <>
              <span className="inp sp"><Pencil /><input autoFocus aria-label={t`Another value for ${label}`} value={edited?.text ?? ""} onChange={(event) => onText(event.target.value)}
                onKeyDown={(event) => {
                  if (event.key !== "Enter" && event.key !== "Escape") return;
                  event.preventDefault();
                  event.stopPropagation();
                  onTyped(event.key === "Enter");
                }} /></span>
              <button type="button" className="btn sm" onClick={() => onTyped(true)}><Trans>Take it</Trans> <span className="kbd">Enter</span></button>
              <button type="button" className="btn gh sm" onClick={() => onTyped(false)}><Trans>Cancel</Trans></button>
            </>
          ) : (
            <button type="button" className={`btn gh sm ${edited ? "cfown" : ""}`} aria-pressed={edited !== null} onClick={onEdit}><Pencil /> <span className="ell">{edited ? t`Another value: ${own}` : t`Another value`}</span>{isCurrent && <span className="kbd" aria-hidden>E</span>}</button>
          )}
        </div>
      )}
    </div>
  );
}

/** What both sides will hold, and which of them changes for it. */
function Result({ held, choices, remote }: { held: Held[]; choices: Record<string, Choice>; remote: string }) {
  return (
    <section className="card" aria-labelledby="result-title">
      <header><h3 id="result-title"><Trans>Result</Trans></h3><span className="t12 mut ell"><Trans>what both sides will hold after you apply</Trans></span></header>
      <dl className="cfresult">
        {held.map((one) => {
          const choice = choices[one.field];
          if (!choice) return null;
          const { here, there } = changesOf(one, choice);
          return (
            <div key={one.field}>
              <dt className="mut ell">{fieldLabel(one.field)}</dt>
              <dd className="w5"><Value text={resultOf(one, choice)} /></dd>
              <dd className="row g6 mut">{here && there ? <><GitFork /> <span className="ell"><Trans>both change</Trans></span></> : here ? <><Laptop /> <span className="ell"><Trans>this card changes</Trans></span></> : <><Mark name={remote} size="s16" /> <span className="ell">{t`${remote} changes`}</span></>}</dd>
              <dd className="t12 mut">{here && there ? t`Here now, there with the next run` : here ? t`Mine stays in the history of the card` : t`Sent with the next run`}</dd>
            </div>
          );
        })}
      </dl>
    </section>
  );
}
