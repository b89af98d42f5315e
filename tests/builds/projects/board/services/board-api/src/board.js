/** The cards, and what may be done with them. */

export const COLUMNS = ["todo", "doing", "done"];

/** What was asked for is against a rule of the board. */
export class Refused extends Error {}

/** There is no card with that number. */
export class UnknownCard extends Error {}

export class Board {
  #cards = new Map();
  #last = 0;

  list() {
    return [...this.#cards.values()];
  }

  add(title) {
    const trimmed = typeof title === "string" ? title.trim() : "";
    if (trimmed === "") {
      throw new Refused("A card needs a title");
    }
    if (trimmed.length > 200) {
      throw new Refused("A title has at most 200 characters");
    }
    this.#last += 1;
    const card = { id: this.#last, title: trimmed, column: "todo" };
    this.#cards.set(card.id, card);
    return card;
  }

  read(id) {
    const card = this.#cards.get(id);
    if (card === undefined) {
      throw new UnknownCard(`There is no card ${id}`);
    }
    return card;
  }

  move(id, column) {
    const card = this.read(id);
    if (!COLUMNS.includes(column)) {
      throw new Refused(`A column is one of ${COLUMNS.join(", ")}`);
    }
    const moved = { ...card, column };
    this.#cards.set(id, moved);
    return moved;
  }

  remove(id) {
    this.read(id);
    this.#cards.delete(id);
  }
}
