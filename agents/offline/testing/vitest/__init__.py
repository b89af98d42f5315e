"""The tester of JavaScript and TypeScript: calls what is exported in a box with Node.js, and writes tests for vitest."""
