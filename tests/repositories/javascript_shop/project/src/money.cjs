'use strict';

/** Whole cents of a text such as "12.50". */
function cents(text) {
  const match = /^(\d+)(?:\.(\d{2}))?$/.exec(text);
  if (match === null) throw new TypeError(`not an amount: ${text}`);
  return Number(match[1]) * 100 + Number(match[2] ?? 0);
}

/** The amount as a person writes it. */
function written(amount) {
  const whole = Math.trunc(amount / 100);
  return `${whole}.${String(amount % 100).padStart(2, '0')}`;
}

/** So many percent of an amount, rounded half up. */
function percent(amount, rate) {
  return Math.floor((amount * rate) / 100 + 0.5);
}

module.exports = { cents, written, percent };
