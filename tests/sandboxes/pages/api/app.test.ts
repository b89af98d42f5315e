import request from 'supertest'
import { expect, test } from 'vitest'

import { app } from './app'

test('adds what it is asked to', async () => {
  const answer = await request(app()).get('/api/sums?a=2&b=3')

  expect(answer.status).toBe(200)
  expect(answer.body).toEqual({ sum: 5 })
})
