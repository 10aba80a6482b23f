import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { ArrowRight, EyeOff, Plus } from "lucide-react";
import type { SubjectCard } from "../../api/generated/commands";
import { Avatar } from "../../components/avatar";
import { chose, fitting, toggled } from "./flow";
import { CardLine, Finder } from "./parts";
import type { StepProps } from "./request";
import { cardsOf } from "./words";

/** Which cards are the person's. What is certain is chosen; the rest an officer has to look at. */
export function Subject(props: StepProps & { onNext(): void }) {
  const { request, detail, draft, onDraft, cards, found, isLooked, onContact, onNext } = props;
  const all = [...found, ...draft.added.filter((one) => !found.some(({ id }) => id === one.id))];
  const { subject } = request;
  const chooses = request.mayChoose;
  const toggle = (card: SubjectCard) => onDraft((now) => chose(now, { cards: toggled(now.cards ?? cards, card.id), added: all.includes(card) ? now.added : [...now.added, card] }));
  if (subject === "")
    return <section className="card"><div className="pad row mut"><EyeOff /> <Trans>The person was erased: the register does not know any more who asked.</Trans></div></section>;
  return (
    <section className="card" aria-labelledby="subject-title">
      <header><h4 id="subject-title"><Trans>Cards</Trans></h4><span className="mut ell"><Trans>found by <bdi className="mono">{subject}</bdi></Trans></span></header>
      {chooses ? (
        <ul className="pvcards">
          {all.map((card) => (
            <li key={card.id}>
              <label className="row">
                <input type="checkbox" checked={cards.includes(card.id)} onChange={() => toggle(card)} />
                <CardLine card={card} />
              </label>
              {!card.isGone && <button type="button" className="linkb noprint" aria-label={t`Open ${{ name: card.name }}`} onClick={() => onContact(card.id)}><Trans>Open</Trans></button>}
            </li>
          ))}
        </ul>
      ) : (
        <ul className="pvcards">
          {detail.cards.map((card) => card && (
            <li key={card.id}>
              <span className="row sp"><Avatar name={card.name} organization={card.kind === "organization"} size="s32" /><span className="col sp"><b className="w5 ell"><bdi>{card.name}</bdi></b><span className="t12 mut ell"><bdi>{card.email || card.phone}</bdi></span></span></span>
              <button type="button" className="linkb noprint" aria-label={t`Open ${{ name: card.name }}`} onClick={() => onContact(card.id)}><Trans>Open</Trans></button>
            </li>
          ))}
        </ul>
      )}
      {(chooses ? all : detail.cards).length === 0 && isLooked && <p className="pad mut" role="status"><Trans>Nobody is found by this. Look by something else, or answer that nothing is held.</Trans></p>}
      {chooses && (
        <div className="pad noprint">
          <Finder label={t`Look for more of their cards`} hint={t`Another email, a phone, an ID or a name`}>
            {(more, clear) => (
              <ul className="pvcards">
                {fitting(request.right, more).filter((one) => !all.some(({ id }) => id === one.id)).map((card) => (
                  <li key={card.id}><span className="row sp"><CardLine card={card} /></span><button type="button" className="btn sm" aria-label={t`Take ${{ name: card.name }} too`} onClick={() => { toggle(card); clear(); }}><Plus /> <Trans>Theirs too</Trans></button></li>
                ))}
                {fitting(request.right, more).every((one) => all.some(({ id }) => id === one.id)) && <li className="mut"><Trans>All of these stand above.</Trans></li>}
              </ul>
            )}
          </Finder>
        </div>
      )}
      <footer className="noprint"><button type="button" className="btn pri" onClick={onNext}><Trans>Go on</Trans> <ArrowRight className="flip" /></button>{chooses && <span className="mut" role="status">{cardsOf(cards.length)}</span>}</footer>
    </section>
  );
}
