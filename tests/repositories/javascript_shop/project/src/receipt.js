import { written } from './money.cjs';

/** The day of a moment, as it is printed. */
export function day(moment) {
  return new Date(moment * 1000).toISOString().slice(0, 10);
}

/** The lines of a receipt. */
export function receipt(basket, { offers = [], moment }) {
  const due = basket.due(offers, moment);
  return [
    day(moment),
    ...basket.lines.map((line) => `${line.count} x ${line.name}: ${written(line.sum)}`),
    ...(due < basket.total ? [`off: ${written(basket.total - due)}`] : []),
    `due: ${written(due)}`,
  ];
}
