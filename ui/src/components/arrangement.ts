import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";

/** How a person arranged the list; kept with the workspace. */
export interface Arrangement {
  columns: string[];
  widths: Record<string, number>;
  density: Density;
}
export type Density = "compact" | "regular" | "relaxed";
export const ROW_HEIGHT: Record<Density, number> = { compact: 28, regular: 36, relaxed: 44 };
export const DENSITIES: [Density, MessageDescriptor][] = [["compact", msg`Compact`], ["regular", msg`Regular`], ["relaxed", msg`Relaxed`]];
export const MIN_WIDTH = 64;

export const DEFAULT: Arrangement = {
  columns: ["name", "email", "phone", "company", "tags", "source", "last_seen", "conversation_count"],
  widths: {},
  density: "regular",
};

/** What was kept, as far as it still makes sense. */
export function arrangementOf(value: unknown): Arrangement {
  const kept = (typeof value === "object" && value !== null ? value : {}) as Partial<Arrangement>;
  const columns = Array.isArray(kept.columns) ? kept.columns.filter((key) => typeof key === "string") : DEFAULT.columns;
  const density = DENSITIES.some(([key]) => key === kept.density) ? (kept.density as Density) : "regular";
  return { columns: ["name", ...columns.filter((key) => key !== "name")], widths: kept.widths ?? {}, density };
}
