import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Check, ChevronDown, ChevronUp } from "lucide-react";
import { useState } from "react";
import type { AgentParts, ApprovableView } from "../../api/generated/commands";
import { n } from "../../text/words";
import { approvableWord, classWord } from "./words";

/** Fields that are shown before somebody asks for the others. */
const SHOWN = 11;

interface Props {
  /** As it would be kept. */
  shown: AgentParts;
  kept: AgentParts;
  all: ApprovableView[];
  isFixed: boolean;
  isChanged: boolean;
  isBusy: boolean;
  onFields(fields: string[]): void;
  onSave(): void;
  onDiscard(): void;
}

/** What a client may read. A change holds once it is kept; the preview shows it before. */
export function Fields({ shown, kept, all, isFixed, isChanged, isBusy, onFields, onSave, onDiscard }: Props) {
  const [isWhole, setWhole] = useState(false);
  const has = (key: string) => shown.fields.includes(key);
  const toggle = (key: string) => onFields(has(key) ? shown.fields.filter((one) => one !== key) : [...shown.fields, key]);
  // Those that are approved first, and all of them: what is approved must be seen.
  const order = [...all.filter(({ key }) => kept.fields.includes(key)), ...all.filter(({ key }) => !kept.fields.includes(key))];
  const listed = isWhole ? order : order.filter(({ key }, at) => at < Math.max(SHOWN, kept.fields.length) || has(key));
  const left = order.length - listed.length;
  const [some, whole] = [n(shown.fields.length), n(all.length)];
  return (
    <section className="card agcard" aria-labelledby="agfields">
      <header><h3 id="agfields"><Trans>Approved fields</Trans></h3><span className="t12 mut num" role="status">{t`${some} of ${whole}`}</span></header>
      <ul className="agfields">
        {listed.map((one) => (
          <li key={one.key} className={has(one.key) ? "" : "off"}>
            <label className="row"><input type="checkbox" checked={has(one.key)} disabled={isFixed} onChange={() => toggle(one.key)} /><span className="sp ell"><bdi>{approvableWord(one)}</bdi></span><span className="t12 fnt">{classWord(one)}</span></label>
          </li>
        ))}
      </ul>
      {(left > 0 || isWhole) && <footer><button type="button" className="btn sm gh agmore" aria-expanded={isWhole} onClick={() => setWhole(!isWhole)}>{isWhole ? <ChevronUp /> : <ChevronDown />} {isWhole ? t`Fewer` : plural(left, { one: `${n(left)} more field, withheld`, other: `${n(left)} more fields, all withheld` })}</button></footer>}
      {isChanged && <footer className="wrap"><button type="button" className="btn sm pri" disabled={isBusy} onClick={onSave}><Check /> <Trans>Keep</Trans></button><button type="button" className="btn sm gh" onClick={onDiscard}><Trans>Discard</Trans></button><span className="t12 mut"><Trans>not kept yet; the preview shows it</Trans></span></footer>}
    </section>
  );
}
