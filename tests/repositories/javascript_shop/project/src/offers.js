import ms from 'ms';
import { percent } from './money.cjs';

/** An offer of `rate` percent that is open from a moment on, for a time such as "3 days". */
export class Offer {
  constructor({ name, rate, from, lasts }) {
    this.name = name;
    this.rate = rate;
    this.from = from;
    this.until = from + ms(lasts) / 1000;
  }

  isOpen(moment) {
    return this.from <= moment && moment < this.until;
  }

  /** What is taken off an amount at a moment. */
  off(amount, moment) {
    return this.isOpen(moment) ? percent(amount, this.rate) : 0;
  }
}
