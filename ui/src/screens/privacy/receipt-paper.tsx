import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import type { ReactNode } from "react";
import { useCommand } from "../../api/cache";
import type { Receipt, RequestView } from "../../api/generated/commands";
import { Paper, PaperFacts } from "../../components/paper";
import { n, told } from "../../text/words";
import { cardsOf, codeWord, deliveryWord, erasureWord, tableWord } from "./words";

/** What stays, and why. */
function exceptionWords(exception: string, { facts }: Receipt): string {
  if (exception === "letters") return t`Some who had the data are reached by letter only`;
  if (exception === "team_devices") return t`Other devices of the team keep what their history and their bin have`;
  const spaces = facts.shared_spaces;
  return plural(spaces, { one: `${n(spaces)} space stays: it stands on cards of others as well`, other: `${n(spaces)} spaces stay: they stand on cards of others as well` });
}

const reasonOf = (reason: string) => (reason === "request" ? t`The person asked for it` : reason === "retention" ? t`Its time was over` : t`A backup had brought the person back`);

/** How the database was looked at. */
const provenBy = (database: string) => (database === "clear" ? t`every byte was looked at` : t`database is encrypted`);

/** What the receipt says of the deed, in the order in which it is asked about. */
function factsOf(receipt: Receipt, requests: RequestView[]): [string, ReactNode][] {
  const { facts } = receipt;
  const hashes = Object.values(facts.suppressed).reduce((sum, amount) => sum + amount, 0);
  const looked = facts.verification;
  const number = requests.find(({ id }) => id === facts.request)?.number;
  return [
    [t`Erased`, told(facts.erased_at)],
    [t`By`, <bdi key="by">{facts.by}</bdi>],
    [t`Reason`, reasonOf(facts.reason)],
    [t`Request`, facts.request ? <span key="request">{number} <span className="mono">{facts.request}</span></span> : ""],
    [t`Cards`, facts.removed_cards > 0 ? t`${{ here: cardsOf(facts.cards) }}, in the history ${{ removed: cardsOf(facts.removed_cards) }}` : cardsOf(facts.cards)],
    [t`Kept`, receipt.exceptions.map((one) => exceptionWords(one, receipt)).join(". ")],
    [t`Return`, hashes > 0 ? plural(hashes, { one: `Blocked from coming back by ${n(hashes)} fingerprint`, other: `Blocked from coming back by ${n(hashes)} fingerprints` }) : ""],
    [t`Looked through`, looked ? [told(looked.at), provenBy(looked.database)].join(", ") : ""],
    [t`Ended`, receipt.ended_at ? told(receipt.ended_at) : ""],
    [t`Lifted`, receipt.lifted_at ? told(receipt.lifted_at) : ""],
  ];
}

const useRequests = () => useCommand("request_list", {}).data?.requests ?? [];

/** The same on the screen. */
export function ReceiptFacts({ receipt }: { receipt: Receipt }) {
  return <dl className="pvrcpt">{factsOf(receipt, useRequests()).filter(([, value]) => value !== "").map(([label, value]) => <div key={label}><dt>{label}</dt><dd>{value}</dd></div>)}</dl>;
}

/** The receipt on A4: every table, every recipient, what was looked at. It names nobody. */
export function ReceiptPaper({ receipt }: { receipt: Receipt }) {
  const { erasure, facts } = receipt;
  const [, word] = erasureWord(receipt);
  const looked = facts.verification;
  return (
    <Paper>
      <h1><Trans>Receipt of an erasure</Trans></h1>
      <PaperFacts facts={[[t`Erasure`, <span className="mono" key="id">{erasure}</span>], [t`State`, word], [t`Person`, <span className="mono" key="subject">{facts.subject}</span>], ...factsOf(receipt, useRequests())]} />
      <h2><Trans>What was deleted here</Trans></h2>
      <table><tbody>{Object.entries(facts.rows).map(([table, rows]) => <tr key={table}><td>{tableWord(table)}</td><td className="r">{n(rows)}</td></tr>)}</tbody></table>
      {looked && (
        <>
          <h2><Trans>What was found afterwards</Trans></h2>
          <PaperFacts facts={[[t`Rows`, n(looked.rows_left)], [t`Texts`, looked.texts_found === null ? t`not looked for` : n(looked.texts_found)], [t`Words in files`, looked.bytes_found === null ? t`not looked for` : n(looked.bytes_found)], [t`Files looked through`, n(looked.files_scanned)], [t`Journal`, looked.checkpoint.join(", ")], [t`Deleting wipes`, looked.wipes ? t`Yes` : t`No`]]} />
        </>
      )}
      {receipt.recipients.length > 0 && (
        <>
          <h2><Trans>Who was told</Trans></h2>
          <table><tbody>{receipt.recipients.map((one) => <tr key={one.delivery}><td><bdi>{one.name}</bdi></td><td>{[deliveryWord(one), codeWord(one.code)].filter(Boolean).join(", ")}</td><td>{one.acked_at ? told(one.acked_at) : ""}</td></tr>)}</tbody></table>
        </>
      )}
      {facts.backups.length > 0 && <><h2><Trans>Backups from before</Trans></h2><p><Trans>They still hold the person, encrypted. A restore erases the person again before anybody sees it.</Trans></p><ul>{facts.backups.map((one) => <li key={one} className="mono">{one}</li>)}</ul></>}
      {facts.put_aside.length > 0 && <><h2><Trans>Workspaces that a restore put aside</Trans></h2><p><Trans>They open with the person in them until they are deleted.</Trans></p><ul>{facts.put_aside.map((one) => <li key={one} className="mono">{one}</li>)}</ul></>}
      {facts.is_backing_up && <p><Trans>A backup was being written meanwhile, which may hold the person as well.</Trans></p>}
      {facts.exports.length > 0 && <><h2><Trans>Exports whose files may still be somewhere</Trans></h2><table><tbody>{facts.exports.map((one) => <tr key={one.sha256 + one.at}><td>{told(one.at)}</td><td>{one.format}</td><td className="mono">{one.sha256}</td></tr>)}</tbody></table></>}
      <p><Trans>Deletion was proven in the database and its files. Blocks of the disk that the system keeps are protected by encryption alone.</Trans></p>
    </Paper>
  );
}
