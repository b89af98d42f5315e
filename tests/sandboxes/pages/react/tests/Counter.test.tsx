import { render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, test } from 'vitest'

import { Counter } from '../src/Counter'

test('counts clicks', async () => {
  render(<Counter start={2} />)

  await userEvent.click(screen.getByRole('button'))

  expect(screen.getByRole('button').textContent).toBe('clicked 3')
})
