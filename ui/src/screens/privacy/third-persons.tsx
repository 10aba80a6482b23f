import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useRef } from "react";
import type { DsarPerson } from "../../api/generated/commands";
import { n } from "../../text/words";
import { decided } from "./flow";
import type { StepProps } from "./request";
import { traitWord } from "./words";

type Choice = "mask" | "keep";
/** The keys that decide, in the order of the buttons. */
const KEYS: [string, Choice][] = [["1", "mask"], ["2", "keep"]];

/** Other people who are named in what the person gets (Art. 15(4)). Nobody is let through because nobody looked. */
export function ThirdPersons({ people, draft, onDraft }: StepProps & { people: DsarPerson[] }) {
  const list = useRef<HTMLOListElement>(null);
  const choiceOf = ({ key }: DsarPerson): Choice | null => (draft.mask.includes(key) ? "mask" : draft.keep.includes(key) ? "keep" : null);
  const looked = people.filter((one) => choiceOf(one) !== null).length;
  const [done, all] = [n(looked), n(people.length)];
  /** Goes to the choice of another person. */
  const goTo = (at: number) => {
    const rows = list.current?.querySelectorAll<HTMLElement>("[data-person]");
    const row = rows?.[Math.min(rows.length - 1, Math.max(0, at))];
    (row?.querySelector<HTMLElement>("input:checked") ?? row?.querySelector<HTMLElement>("input"))?.focus();
  };
  const onKey = (event: React.KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    const row = event.target instanceof HTMLElement ? event.target.closest<HTMLElement>("[data-person]") : null;
    const at = people.findIndex(({ key }) => key === row?.dataset.person);
    const person = people[at];
    if (!person) return;
    const choice = KEYS.find(([key]) => key === event.key)?.[1];
    if (choice) onDraft((now) => decided(now, person.key, choice));
    const step = choice || event.key === "j" ? 1 : event.key === "k" ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    event.stopPropagation();
    goTo(at + step);
  };
  if (people.length === 0) return <section className="card"><div className="pad mut"><Trans>Nobody else is named in what the person gets.</Trans></div></section>;
  return (
    <section className="card" aria-labelledby="third-title">
      <header><h4 id="third-title"><Trans>Other people in it</Trans></h4><span className="mut num" role="status"><Trans>{done} of {all} looked at</Trans></span><span className="end t12 mut"><Trans>left out until you say that they may stay</Trans></span></header>
      <ol ref={list} className="pvthird" onKeyDown={onKey}>
        {people.map((one) => {
          const choice = choiceOf(one);
          const { name, example, place } = one;
          const [from, until] = one.span;
          const times = plural(one.count, { one: `${n(one.count)} time`, other: `${n(one.count)} times` });
          return (
            <li key={one.key} data-person={one.key}>
              <div className="sp">
                <p className="row"><b className="w5 ell"><bdi>{name}</bdi></b>{!one.isSure && <span className="bdg warn"><Trans>Perhaps a person</Trans></span>}<span className="t12 mut nw">{times}, {one.by.map(traitWord).join(", ")}</span><span className="t12 mut end ell"><Trans>in <bdi>{place}</bdi></Trans></span></p>
                <blockquote data-text>{example.slice(0, from)}<mark>{example.slice(from, until)}</mark>{example.slice(until)}</blockquote>
              </div>
              <fieldset className="seg">
                <legend className="visually-hidden"><Trans>What becomes of {name}</Trans></legend>
                {KEYS.map(([key, value]) => (
                  <label key={value} className={choice === value ? "on" : ""}>
                    <input type="radio" className="visually-hidden" name={`third-${one.key}`} checked={choice === value} onChange={() => onDraft((now) => decided(now, one.key, value))} />
                    {value === "mask" ? t`Leave out` : t`May stay`} <span className="kbd">{key}</span>
                  </label>
                ))}
              </fieldset>
            </li>
          );
        })}
      </ol>
      <footer className="t12 mut"><Trans>Reason: personal data of others, Art. 15(4). In its place the answer says [third person], with a number.</Trans></footer>
    </section>
  );
}
