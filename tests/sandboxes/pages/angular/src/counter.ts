import { Component, signal } from '@angular/core'

@Component({
  selector: 'counter-button',
  template: '<button (click)="more()">clicked {{ count() }}</button>',
})
export class CounterButton {
  readonly count = signal(2)

  more(): void {
    this.count.update((count) => count + 1)
  }
}
