"""How JavaScript is judged: node:test in a box, read and watched over by programs of ours."""
