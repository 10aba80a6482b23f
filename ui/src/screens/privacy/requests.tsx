import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { ClipboardList, Plus } from "lucide-react";
import { useEffect, useState } from "react";
import type { RequestsView, RequestView } from "../../api/generated/commands";
import { Failure } from "../../components/failure";
import { Print } from "../../components/paper";
import { useListKeys } from "../../components/use-list-keys";
import { n } from "../../text/words";
import { worded } from "../../text/worded";
import { Article, Light, Sheet } from "./parts";
import { dayWords, personOf, rightWord } from "./words";

interface Props {
  found: RequestsView | undefined;
  failure: unknown;
  /** The request that was open before. */
  last: string | null;
  onOpen(id: string): void;
  onAdd(): void;
}

type Kind = "open" | "closed" | "all";
const isClosed = ({ light }: RequestView) => light === "done";

/** The register of requests: the most urgent at the top, each with its light. */
export function Requests({ found, failure, last, onOpen, onAdd }: Props) {
  const [kind, setKind] = useState<Kind>("open");
  // One that was closed is not among the open ones any more: the keyboard goes on at the first of them.
  useEffect(() => {
    if (last) (document.getElementById(`req-${last}`) ?? document.querySelector<HTMLElement>(".pvrow, .bar [aria-pressed=true]"))?.focus();
  }, [last]);
  const all = found?.requests ?? [];
  const closed = all.filter(isClosed).length;
  const shown = all.filter((one) => kind === "all" || isClosed(one) === (kind === "closed"));
  const kinds: [Kind, string, number][] = [["open", t({ message: "Open", context: "requests" }), all.length - closed], ["closed", t({ message: "Closed", context: "requests" }), closed], ["all", t({ message: "All", context: "requests" }), all.length]];
  const { amber = 0, red = 0 } = found ?? {};
  const late = plural(red, { one: `${n(red)} is late`, other: `${n(red)} are late` });
  const soon = plural(amber, { one: `${n(amber)} is due within a week`, other: `${n(amber)} are due within a week` });
  const onKey = useListKeys("req-", shown.map(({ id }) => id), undefined);
  return (
    <Sheet title={t`Requests`} about={[red > 0 && late, amber > 0 && soon].filter(Boolean).join(", ")}
      tools={<><Print /><button type="button" className="btn pri" onClick={onAdd}><Plus /> <Trans>New request</Trans></button></>}>
      {failure !== null && <div className="page"><Failure error={failure} /></div>}
      {!found && failure === null && <p className="page mut" role="status"><Trans>Reading</Trans></p>}
      {found && all.length === 0 && (
        <div className="empty"><ClipboardList /><p className="t14"><Trans>Nobody has asked for anything.</Trans></p><p className="mut"><Trans>When somebody wants to see, correct or erase their data, write it down here on the day it comes: the answer is due within a month.</Trans></p></div>
      )}
      {all.length > 0 && (
        <>
          <div className="bar noprint"><span className="seg" role="group" aria-label={t`Which requests`}>{kinds.map(([key, label, amount]) => <button key={key} type="button" className={kind === key ? "on" : ""} aria-pressed={kind === key} onClick={() => setKind(key)}>{label} <span className="num mut">{n(amount)}</span></button>)}</span></div>
          <ul className="scroll pvrows" aria-label={t`Requests`} onKeyDown={onKey}>
            {shown.map((one) => (
              <li key={one.id}>
                <button type="button" id={`req-${one.id}`} className="pvrow" onClick={() => onOpen(one.id)}>
                  <span className="pvright"><b className="w5 ell">{rightWord(one.right)}</b><span className="t12 mut ell num"><Article article={one.article} />, {one.number}</span></span>
                  <bdi className="ell">{personOf(one)}</bdi>
                  <span className="mut ell">{worded(one.stands)}</span>
                  <span className="mut num nw">{t`by ${{ day: dayWords(one.due) }}`}</span>
                  <span className="pvend"><Light request={one} /></span>
                </button>
              </li>
            ))}
            {shown.length === 0 && <li className="pvnone mut"><Trans>None of these.</Trans></li>}
          </ul>
        </>
      )}
    </Sheet>
  );
}
