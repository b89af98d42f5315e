import { createApp } from 'vue'

import CounterButton from './CounterButton.vue'

createApp(CounterButton, { start: 2 }).mount('#root')
console.log('drawn')
