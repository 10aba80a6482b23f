/** Ranges of cells, and how a cell stands in a block of text. */

/** The column of the cell that the cursor is in, and where its range begins. */
export interface Cell {
  column: number;
  fromRow: number;
  fromColumn: number;
}

/** The smaller of two numbers, then the larger. */
export const between = (one: number, other: number): [number, number] => [Math.min(one, other), Math.max(one, other)];

/** Whether a cell is in the range from where it begins to where the cursor is. */
export function isWithin(cell: Cell, current: number, row: number, column: number): boolean {
  const [top, bottom] = between(cell.fromRow, current);
  const [first, last] = between(cell.fromColumn, cell.column);
  return row >= top && row <= bottom && column >= first && column <= last;
}

/** A cell as it stands in a block: quoted where a tab, a line end or a quote is in it. */
export const quoted = (text: string) => (/["\t\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
