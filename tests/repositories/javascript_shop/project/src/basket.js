import { cents } from './money.cjs';

/** What somebody is about to buy. */
export class Basket {
  #lines = [];

  add(name, price, count = 1) {
    if (!Number.isInteger(count) || count < 1) throw new RangeError(`not a count: ${count}`);
    this.#lines.push({ name, price: cents(price), count });
    return this;
  }

  get lines() {
    return this.#lines.map((line) => ({ ...line, sum: line.price * line.count }));
  }

  get total() {
    return this.lines.reduce((total, line) => total + line.sum, 0);
  }

  /** What has to be paid at a moment, with the best of the offers. */
  due(offers, moment) {
    const most = Math.max(0, ...offers.map((offer) => offer.off(this.total, moment)));
    return this.total - most;
  }
}
