import { Trans } from "@lingui/react/macro";
import { differingLines } from "../../text/differing";

/** A value, with what the other side has otherwise. */
export function Value({ text, other }: { text: string; other?: string }) {
  const lines = other === undefined ? text.split("\n").map((line): [string, string, string] => [line, "", ""]) : differingLines(text, other);
  if (text === "") return <span className="cfv fnt"><Trans>empty</Trans></span>;
  return <span className="cfv">{lines.map(([before, differs, after], at) => <bdi key={at}>{before}{differs && <mark>{differs}</mark>}{after}</bdi>)}</span>;
}
