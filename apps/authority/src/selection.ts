// Which rows are chosen and which one the keyboard stands on. Pure, so that the keys can be tested.
export interface Selection {
  readonly focus: number;
  readonly chosen: ReadonlySet<string>;
}

export const nothing: Selection = { focus: 0, chosen: new Set() };

/** Moves the focus by `step` within `ids`; with `extend` the rows passed over join the choice. */
export function move(selection: Selection, ids: readonly string[], step: number, extend: boolean): Selection {
  if (ids.length === 0) return { ...selection, focus: 0 };
  const focus = Math.min(ids.length - 1, Math.max(0, selection.focus + step));
  if (!extend) return { ...selection, focus };
  const chosen = new Set(selection.chosen);
  for (const index of [selection.focus, focus]) {
    const id = ids[index];
    if (id !== undefined) chosen.add(id);
  }
  return { focus, chosen };
}

export function toggle(selection: Selection, id: string): Selection {
  const chosen = new Set(selection.chosen);
  if (!chosen.delete(id)) chosen.add(id);
  return { ...selection, chosen };
}

/** All shown rows, or none when all of them are chosen already. */
export function toggleAll(selection: Selection, ids: readonly string[]): Selection {
  const all = ids.every((id) => selection.chosen.has(id));
  const chosen = new Set(selection.chosen);
  for (const id of ids) {
    if (all) chosen.delete(id);
    else chosen.add(id);
  }
  return { ...selection, chosen };
}
