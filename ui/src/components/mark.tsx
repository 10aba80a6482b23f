import { hue } from "./avatar";

/** A system by its first letter, on a hue from its name. */
export function Mark({ name, size = "" }: { name: string; size?: "s16" | "s32" | "" }) {
  const letter = [...new Intl.Segmenter().segment(name.trim())][0]?.segment ?? "";
  return <span aria-hidden className={`mk ${size}`} style={{ "--h": hue(name) } as React.CSSProperties}>{letter.toLocaleUpperCase()}</span>;
}
