import { Trans as Plain, type TransProps } from "@lingui/react";
import { createElement, Fragment } from "react";

/**
 * `Trans` for what people type: it looks for elements and for signs written as `\x41` in
 * the finished sentence, and a name or a path with such would lose them. As an element it is left alone.
 */
export function Trans({ values, ...rest }: TransProps) {
  const safe = Object.entries(values ?? {}).map(([name, value]) => [name, typeof value === "string" && /[<\\]/.test(value) ? createElement(Fragment, null, value) : value]);
  return <Plain {...rest} values={Object.fromEntries(safe)} />;
}
