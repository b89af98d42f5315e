// Templates are compiled where they are used: vite alone builds the page.
import '@angular/compiler'

import { enableProdMode } from '@angular/core'
import { bootstrapApplication } from '@angular/platform-browser'

import { CounterButton } from './counter'

enableProdMode()
await bootstrapApplication(CounterButton)
console.log('drawn')
