// Templates are compiled where they are used: vite alone builds the page.
import '@angular/compiler'

import { bootstrapApplication } from '@angular/platform-browser'

import { CounterButton } from './counter'

await bootstrapApplication(CounterButton)
console.log('drawn')
