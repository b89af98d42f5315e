import express, { type Express } from 'express'

export function app(): Express {
  const made = express()
  made.get('/api/sums', (asked, answer) => {
    answer.json({ sum: Number(asked.query.a) + Number(asked.query.b) })
  })
  return made
}
