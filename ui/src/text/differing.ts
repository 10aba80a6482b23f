/** A text in three: what it begins with like the other, what differs, what it ends with like the other. */
export function differing(text: string, other: string): [string, string, string] {
  const [mine, theirs] = [[...text], [...other]];
  let start = 0;
  while (start < mine.length && start < theirs.length && mine[start] === theirs[start]) start++;
  let end = 0;
  while (end < mine.length - start && end < theirs.length - start && mine[mine.length - 1 - end] === theirs[theirs.length - 1 - end]) end++;
  const cut = mine.length - end;
  return [mine.slice(0, start).join(""), mine.slice(start, cut).join(""), mine.slice(cut).join("")];
}

/**
 * The same for texts of several lines, which are lists: a line that the other has too is the
 * same wherever it stands there. One line against one is looked into; of more, no one can say
 * which became which, so they differ as a whole.
 */
export function differingLines(text: string, other: string): [string, string, string][] {
  const [mine, theirs] = [linesOf(text), linesOf(other)];
  const [only, against] = [mine.filter((line) => !theirs.includes(line)), theirs.filter((line) => !mine.includes(line))];
  return mine.map((line) => {
    if (!only.includes(line)) return [line, "", ""];
    return only.length === 1 && against.length === 1 && against[0] !== undefined ? differing(line, against[0]) : ["", line, ""];
  });
}

const linesOf = (text: string) => (text === "" ? [] : text.split("\n"));
