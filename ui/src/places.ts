/** What the screens say to each other. */

/** The tabs of a card. */
export type Tab = "timeline" | "conversations" | "notes" | "tasks" | "memories" | "files" | "ratings" | "secrets" | "access" | "json";

/** The list a person looked at, and what they had selected there. */
export interface Shown {
  query: string;
  filter: string;
  sort: string[];
  selected: string[];
}
