import { mount } from '@vue/test-utils'
import { expect, test } from 'vitest'

import CounterButton from '../src/CounterButton.vue'

test('counts clicks', async () => {
  const button = mount(CounterButton, { props: { start: 2 } })

  await button.trigger('click')

  expect(button.text()).toBe('clicked 3')
})
