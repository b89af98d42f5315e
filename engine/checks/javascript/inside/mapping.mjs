// From ranges of a script that ran to lines of the source that it was made of, by the source map that it carries.
const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** [generated line, generated column, source line] of each segment, all counted from 0. */
function segments(mappings) {
  const found = [];
  let source = 0;
  mappings.split(';').forEach((group, line) => {
    let column = 0;
    for (const segment of group ? group.split(',') : []) {
      const numbers = decode(segment);
      column += numbers[0];
      if (numbers.length < 4) continue;
      source += numbers[2];
      found.push([line, column, source]);
    }
  });
  return found;
}

function decode(segment) {
  const numbers = [];
  let value = 0;
  let shift = 0;
  for (const sign of segment) {
    const digit = DIGITS.indexOf(sign);
    value += (digit & 31) << shift;
    if (digit & 32) shift += 5;
    else {
      numbers.push(value & 1 ? -(value >> 1) : value >> 1);
      value = shift = 0;
    }
  }
  return numbers;
}

/** Line numbers, counted from 1, of what ran of *text*, which a wrapper of one line stands in front of. */
export function linesOf(text, map, functions) {
  const at = map.indexOf('base64,');
  if (at < 0) return [];
  const { mappings } = JSON.parse(Buffer.from(map.slice(at + 7), 'base64').toString('utf8'));
  const wrapped = /^'use strict';async \([^)]*\)=>\{\{/.exec(text)?.[0].length ?? 0;
  const starts = [0];
  for (let index = text.indexOf('\n'); index >= 0; index = text.indexOf('\n', index + 1)) starts.push(index + 1);
  const ranges = functions.flatMap((one) => one.ranges).sort((one, other) => one.startOffset - other.startOffset || other.endOffset - one.endOffset);
  const found = new Set();
  const open = [];
  let next = 0;
  for (const [line, column, source] of segments(mappings)) {
    if (line >= starts.length) break;
    const offset = starts[line] + column + (line === 0 ? wrapped : 0);
    while (next < ranges.length && ranges[next].startOffset <= offset) open.push(ranges[next++]);
    while (open.length && open[open.length - 1].endOffset <= offset) open.pop();
    if (open.length ? open[open.length - 1].count > 0 : true) found.add(source + 1);
  }
  return [...found].sort((one, other) => one - other);
}
