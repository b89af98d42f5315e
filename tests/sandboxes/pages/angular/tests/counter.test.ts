import '@angular/compiler'

import { TestBed } from '@angular/core/testing'
import { BrowserTestingModule, platformBrowserTesting } from '@angular/platform-browser/testing'
import { beforeAll, expect, test } from 'vitest'

import { CounterButton } from '../src/counter'

beforeAll(() => {
  TestBed.initTestEnvironment(BrowserTestingModule, platformBrowserTesting())
})

test('counts clicks', async () => {
  const shown = TestBed.createComponent(CounterButton)
  await shown.whenStable()

  shown.nativeElement.querySelector('button').click()
  await shown.whenStable()

  expect(shown.nativeElement.textContent).toBe('clicked 3')
})
