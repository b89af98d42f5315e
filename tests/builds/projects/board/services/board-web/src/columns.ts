/** The columns of the board, in their order, and what they are called. */

import type { Column } from "./api";

export const COLUMNS: readonly Column[] = ["todo", "doing", "done"];

const NAMES: Record<Column, string> = { todo: "To do", doing: "Doing", done: "Done" };

export function nameOf(column: Column): string {
  return NAMES[column];
}

export function othersThan(column: Column): Column[] {
  return COLUMNS.filter((each) => each !== column);
}
