interface Props {
  name: string;
  organization?: boolean;
  size?: "s24" | "s32" | "s40" | "s56";
  /** Base64 of a PNG. */
  picture?: string | null;
}

/** The picture, or initials on a hue from the name; organizations are rounded squares. */
export function Avatar({ name, organization, size, picture }: Props) {
  if (picture) return <img aria-hidden alt="" className={`av ${size ?? ""} ${organization ? "org" : ""}`} src={`data:image/png;base64,${picture}`} />;
  return (
    <span aria-hidden className={`av ${size ?? ""} ${organization ? "org" : ""}`} style={{ "--h": hue(name) } as React.CSSProperties}>
      {initials(name)}
    </span>
  );
}

export function hue(text: string): number {
  let hash = 0;
  for (const c of text) hash = (hash * 31 + (c.codePointAt(0) ?? 0)) % 3600;
  return hash % 360;
}

/** Two letters of a name in letters, one sign of a name in signs. */
export function initials(name: string): string {
  const words = name.trim().split(/[\s@.]+/).filter(Boolean);
  const first = words[0];
  if (!first) return "";
  const letter = (word: string) => [...new Intl.Segmenter().segment(word)][0]?.segment ?? "";
  if (/^[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}]/u.test(first)) return letter(first);
  const last = words.length > 1 ? words[words.length - 1] : undefined;
  return (letter(first) + (last ? letter(last) : "")).toUpperCase();
}
