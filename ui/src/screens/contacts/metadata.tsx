import { Trans } from "@lingui/react/macro";

/** A value as one line of text. */
export function textOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** `Account_manager` as words of a label. */
export const words = (key: string) => key.replaceAll("_", " ").replace(/^./, (c) => c.toUpperCase());

/** Whatever a source sent beyond our fields, as a tree; what stands at its top can become a field. */
export function Metadata({ text, onPromote }: { text: string; onPromote(key: string): void }) {
  const value: unknown = JSON.parse(text);
  if (typeof value !== "object" || value === null) return <pre className="mono">{text}</pre>;
  return (
    <ul className="tree">
      {Object.entries(value).map(([key, child]) => (
        <li key={key}>
          <span className="row"><Node name={key} value={child} />
            {!key.startsWith("vcard") && <button type="button" className="btn sm gh end" onClick={() => onPromote(key)}><Trans>Make a field</Trans></button>}</span>
        </li>
      ))}
    </ul>
  );
}

function Node({ name, value }: { name: string; value: unknown }) {
  if (typeof value !== "object" || value === null) return <span className="sp ell"><span className="mut">{name}</span> <bdi title={textOf(value)}>{textOf(value) || <span className="fnt"><Trans>empty</Trans></span>}</bdi></span>;
  const entries = Object.entries(value);
  return (
    <details className="sp">
      <summary><span className="mut">{name}</span> <span className="fnt">{entries.length}</span></summary>
      <ul className="tree">{entries.map(([key, child]) => <li key={key}><Node name={key} value={child} /></li>)}</ul>
    </details>
  );
}
