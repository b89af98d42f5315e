"""A small program in TypeScript with a fault, its tests under vitest, and what is right."""

from __future__ import annotations

from collections.abc import Mapping

MANIFEST = '{"name": "sums", "type": "module"}\n'
WRONG = """export interface Line {
  price: number;
  count?: number;
}

export function total(lines: Line[], rate = 0): number {
  let sum = 0;
  for (const line of lines) sum = line.price * (line.count ?? 1);
  return Math.round(sum * (1 + rate));
}

export function labels(lines: Line[]): { name: string; sum: number }[] {
  return lines.map((line, index) => ({ name: `line ${index}`, sum: line.price }));
}
"""
RIGHT = WRONG.replace("sum = line", "sum += line").replace("line ${index}", "line ${index + 1}")
TESTS = """import { describe, expect, it, test } from 'vitest';
import { labels, total } from '../src/sums';

test('prices add up', () => {
  expect(total([{ price: 1 }, { price: 2, count: 2 }])).toBe(5);
});

describe('a rate', () => {
  it('is put on top', () => {
    expect([total([{ price: 10 }, { price: 20 }], 0.1), total([{ price: 10 }])]).toEqual([33, 10]);
  });
});

test('lines are counted from one', () => {
  expect(labels([{ price: 3 }])).toEqual([{ name: 'line 1', sum: 3 }]);
});
"""
SOURCE, PATH = "src/sums.ts", "tests/sums.test.ts"
ADD_UP, ON_TOP, COUNTED = (
    f"{PATH}::prices add up",
    f"{PATH}::a rate::is put on top",
    f"{PATH}::lines are counted from one",
)


def files(source: str, **more: str) -> Mapping[str, str]:
    return {"package.json": MANIFEST, SOURCE: source, **more}


def frozen(text: str = TESTS) -> Mapping[str, str]:
    return {PATH: text}


_BESIDE = {
    "package.json": MANIFEST,
    "tsconfig.json": '{"compilerOptions": {"strict": true, "jsx": "react-jsx"}}',
    "vite.config.ts": "import { defineConfig } from 'vitest/config';\nexport default defineConfig({ test: { globals: true } });\n",
}
_PAGE = '<!doctype html><div id="app"></div><script type="module" src="/src/main.tsx"></script>\n'
SHOP: Mapping[str, str] = {
    **_BESIDE,
    "index.html": _PAGE,
    "src/main.tsx": """import { createRoot } from 'react-dom/client';
import { Counter } from './Counter';

createRoot(document.getElementById('app')!).render(<Counter start={0} />);
""",
    "src/style.css": "p { color: teal; }\n",
    "src/Counter.tsx": """import { useEffect, useState } from 'react';
import './style.css';

export function Counter({ start }: { start: number }) {
  const [count, setCount] = useState(start);
  const [stock, setStock] = useState<number>();
  useEffect(() => {
    fetch('/api/stock').then(async (response) => setStock(((await response.json()) as { left: number }).left));
  }, []);
  return (
    <main>
      <button onClick={() => setCount((before) => before + 1)}>more</button>
      <p>count: {count}</p>
      {stock === undefined ? null : <p role="status">{stock - count} left</p>}
    </main>
  );
}
""",
}
SHOP_TESTS: Mapping[str, str] = {
    "tests/Counter.test.tsx": """import { fireEvent, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Counter } from '../src/Counter';

beforeEach(() => {
  vi.stubGlobal('fetch', vi.fn(async () => new Response('{"left": 9}')));
});
afterEach(() => {
  vi.unstubAllGlobals();
});

test('counts, and says what is left', async () => {
  render(<Counter start={2} />);
  fireEvent.click(screen.getByRole('button', { name: 'more' }));
  expect(screen.getByText('count: 3')).toBeInTheDocument();
  expect((await screen.findByRole('status')).textContent).toBe('6 left');
});

test('asks once', async () => {
  render(<Counter start={0} />);
  await screen.findByText('9 left');
  expect(fetch).toHaveBeenCalledTimes(1);
});
"""
}
BOARD: Mapping[str, str] = {
    **_BESIDE,
    "index.html": _PAGE.replace("main.tsx", "main.ts"),
    "src/main.ts": "import { createApp } from 'vue';\nimport App from './App.vue';\n\ncreateApp(App).mount('#app');\n",
    "src/App.vue": """<script setup lang="ts">
import { computed, ref } from 'vue';

const props = defineProps<{ cards: { title: string; done: boolean }[] }>();
const title = ref('');
const added = ref<string[]>([]);
const open = computed(() => props.cards.filter((card) => !card.done).length + added.value.length);

function add() {
  if (!title.value.trim()) return;
  added.value.push(title.value.trim());
  title.value = '';
}
</script>

<template>
  <h1>{{ open }} open</h1>
  <form @submit.prevent="add"><input v-model="title" aria-label="title" /><button type="submit">Add</button></form>
  <ul><li v-for="name in added" :key="name">{{ name }}</li></ul>
</template>

<style scoped>
h1 { color: teal; }
</style>
""",
}
BOARD_TESTS: Mapping[str, str] = {
    "tests/App.test.ts": """import { fireEvent, render, screen } from '@testing-library/vue';
import App from '../src/App.vue';

const cards = [{ title: 'Buy', done: false }, { title: 'Pay', done: true }, { title: 'Rest', done: true }];

describe('the board', () => {
  it('counts what is open', () => {
    render(App, { props: { cards } });
    expect(screen.getByRole('heading').textContent).toBe('1 open');
  });

  it('adds a card, trimmed', async () => {
    render(App, { props: { cards } });
    await fireEvent.update(screen.getByLabelText('title'), '  Sell ');
    await fireEvent.click(screen.getByText('Add'));
    expect(screen.getByRole('listitem')).toHaveTextContent('Sell');
    expect(screen.getByText('2 open')).toBeInTheDocument();
  });
});
"""
}
SERVER: Mapping[str, str] = {
    **_BESIDE,
    "src/app.ts": """import express from 'express';

export function createApp() {
  const app = express();
  const titles: string[] = [];
  app.use(express.json());
  app.get('/api/cards', (_request, response) => {
    response.json(titles.map((title, index) => ({ id: index + 1, title })));
  });
  app.post('/api/cards', (request, response) => {
    const title = typeof request.body?.title === 'string' ? request.body.title.trim() : '';
    if (!title) {
      response.status(422).json({ error: 'a title is wanted' });
      return;
    }
    titles.push(title);
    response.status(201).json({ id: titles.length, title });
  });
  return app;
}
""",
    "src/server.ts": """import { createApp } from './app.js';

const server = createApp().listen(Number(process.env.PORT ?? 8000));
process.on('SIGTERM', () => server.close(() => process.exit(0)));
""",
}
SERVER_TESTS: Mapping[str, str] = {
    "tests/app.test.ts": """import request from 'supertest';
import { describe, expect, it } from 'vitest';
import { createApp } from '../src/app.js';

describe('cards', () => {
  it('are listed as they were added', async () => {
    const app = createApp();
    await request(app).post('/api/cards').send({ title: ' Buy ' }).expect(201);
    const response = await request(app).get('/api/cards').expect(200);
    expect(response.body).toEqual([{ id: 1, title: 'Buy' }]);
  });

  it('need a title', async () => {
    await request(createApp()).post('/api/cards').send({ title: ' ' }).expect(422);
  });
});
"""
}
