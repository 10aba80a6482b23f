import { Trans } from "@lingui/react/macro";
import { useState } from "react";
import { PersonPrivacy } from "../../components/person-privacy";
import { CardLine, Finder } from "./parts";

interface Props {
  /** Id of the title. */
  id: string;
  title: string;
  label: string;
  hint: string;
  onContact(id: string): void;
}

/** Somebody found by whatever names them, with what they agreed to and what may not be done with their card. */
export function PersonFinder({ id, title, label, hint, onContact }: Props) {
  const [open, setOpen] = useState<{ id: string; name: string } | null>(null);
  return (
    <section className="card noprint" aria-labelledby={id}>
      <header><h3 id={id}>{title}</h3></header>
      <div className="pad">
        <Finder label={label} hint={hint}>
          {(cards, clear) => <ul className="pvcards">{cards.filter((one) => !one.isGone).map((card) => <li key={card.id}><button type="button" className="pvwho row sp" onClick={() => { setOpen({ id: card.id, name: card.name }); clear(); }}><CardLine card={card} /></button></li>)}</ul>}
        </Finder>
      </div>
      {open && <div className="pvopen"><p className="row pad"><b className="w5 sp ell"><bdi>{open.name}</bdi></b><button type="button" className="linkb" onClick={() => onContact(open.id)}><Trans>Open the card</Trans></button></p><PersonPrivacy key={open.id} contact={open.id} /></div>}
    </section>
  );
}
